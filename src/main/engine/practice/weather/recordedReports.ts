import { readFile } from 'node:fs/promises'
import { StudioError } from '../../../../shared/errors.ts'

interface Element {
  readonly icaoId: string
  readonly obsTime: number
}

/** Recorded answers of the METAR service, played again: each report as it was, published at the recorded distance from the first. */
export class RecordedReports {
  readonly #elements: readonly { readonly element: Element; readonly atMs: number }[]

  /** @param startMs when the first one is published, Unix milliseconds */
  constructor(elements: readonly Element[], startMs: number, speed: number) {
    const sorted = elements.toSorted((a, b) => a.obsTime - b.obsTime)
    const first = sorted[0]?.obsTime ?? 0
    this.#elements = sorted.map((element) => ({ element, atMs: startMs + ((element.obsTime - first) * 1000) / speed }))
  }

  has(station: string): boolean {
    return this.#elements.some(({ element }) => element.icaoId === station)
  }

  /** Newest first. */
  published(station: string, hostMs: number): readonly unknown[] {
    return this.#elements
      .filter(({ element, atMs }) => element.icaoId === station && atMs <= hostMs)
      .map(({ element }) => element)
      .toReversed()
  }
}

/** Reads recorded answers: JSON arrays. @throws StudioError FILE_FAILED, FORMAT_UNKNOWN */
export async function readRecordedReports(files: readonly string[]): Promise<Element[]> {
  const elements: Element[] = []
  for (const path of files) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new StudioError('FILE_FAILED', `The weather recording cannot be read (${String(error)}): ${path}`, { cause: error })
    })
    elements.push(...elementsOf(text, path))
  }
  return elements
}

function elementsOf(text: string, path: string): Element[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const list = Array.isArray(value) ? (value as unknown[]) : []
  const elements = list.filter((item): item is Element => {
    const { icaoId, obsTime } = (item ?? {}) as Partial<Element>
    return typeof icaoId === 'string' && typeof obsTime === 'number'
  })
  if (elements.length === 0)
    throw new StudioError(
      'CONFIG_INVALID',
      `A weather recording is an answer of the METAR service: a JSON array of reports with icaoId and obsTime. This is not: ${path}`
    )
  return elements
}

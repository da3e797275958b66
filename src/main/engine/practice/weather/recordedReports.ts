import { readFile } from 'node:fs/promises'
import { StudioError } from '../../../../shared/errors.ts'

/** A report as the METAR service lists it; what else it holds is passed on as it is. */
export interface RecordedElement {
  readonly icaoId: string
  /** Unix seconds. */
  readonly obsTime: number
  readonly receiptTime?: unknown
  readonly rawOb?: unknown
  readonly lat?: unknown
  readonly lon?: unknown
}

/**
 * Recorded answers of the METAR service, played again, each report as it was. By a clock that begins before the first of them they are
 * published when they were; by a later one at the recorded distance from the first.
 */
export class RecordedReports {
  readonly #elements: readonly { readonly element: RecordedElement; readonly atMs: number }[]

  /** @param startMs what the host's clock shows at the start, Unix milliseconds */
  constructor(elements: readonly RecordedElement[], startMs: number, speed: number) {
    const sorted = elements.toSorted((a, b) => publishedMs(a) - publishedMs(b))
    const firstMs = firstPublishedMs(elements) ?? 0
    const beginMs = Math.max(startMs, firstMs)
    this.#elements = sorted.map((element) => ({ element, atMs: beginMs + (publishedMs(element) - firstMs) / speed }))
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

/** When the service had it: at its receipt, else when it was observed. */
function publishedMs({ obsTime, receiptTime }: RecordedElement): number {
  const receiptMs = typeof receiptTime === 'string' ? Date.parse(receiptTime) : Number.NaN
  return receiptMs >= obsTime * 1000 ? receiptMs : obsTime * 1000
}

/** When the first of them was published, Unix milliseconds. */
export function firstPublishedMs(elements: readonly RecordedElement[]): number | undefined {
  return elements.length === 0 ? undefined : elements.reduce((first, element) => Math.min(first, publishedMs(element)), Infinity)
}

/** The stations that the reports are of, as a capture's setting names them: `KBFL:35.4342:-119.0552`, or the name alone. */
export function recordedStations(elements: readonly RecordedElement[]): string[] {
  const texts = new Map<string, string>()
  for (const { icaoId, lat, lon } of elements) {
    const placed = typeof lat === 'number' && typeof lon === 'number'
    texts.set(icaoId, placed ? `${icaoId}:${lat.toFixed(4)}:${lon.toFixed(4)}` : (texts.get(icaoId) ?? icaoId))
  }
  return [...texts.values()]
}

/** Reads recorded answers: JSON arrays. @throws StudioError FILE_FAILED, FORMAT_UNKNOWN */
export async function readRecordedReports(files: readonly string[]): Promise<RecordedElement[]> {
  const elements = new Map<string, RecordedElement>()
  for (const path of files) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new StudioError('FILE_FAILED', `The weather recording cannot be read (${String(error)}): ${path}`, { cause: error })
    })
    // The service lists a report in every answer of some hours.
    for (const element of elementsOf(text, path)) elements.set(`${element.icaoId} ${element.obsTime} ${String(element.rawOb)}`, element)
  }
  return [...elements.values()]
}

function elementsOf(text: string, path: string): RecordedElement[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const list = Array.isArray(value) ? (value as unknown[]) : []
  const elements = list.filter((item): item is RecordedElement => {
    const { icaoId, obsTime } = (item ?? {}) as Partial<RecordedElement>
    return typeof icaoId === 'string' && typeof obsTime === 'number'
  })
  if (elements.length === 0)
    throw new StudioError(
      'CONFIG_INVALID',
      `A weather recording is an answer of the METAR service: a JSON array of reports with icaoId and obsTime. This is not: ${path}`
    )
  return elements
}

import type { RestAnswer } from '../feeds/index.ts'

/** What came of one HTTP request: an answer of any status, or why there was none. */
export type RestOutcome =
  | {
      readonly kind: 'answer'
      readonly answer: RestAnswer
      readonly retryAfterMs: number | undefined
      /** What the service names this answer by, for a conditional question. */
      readonly etag?: string
      readonly lastModified?: string
    }
  | { readonly kind: 'failed'; readonly error: string }

export interface RestOptions {
  readonly timeoutMs: number
  readonly userAgent: string
  readonly signal: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** Largest answer that is believed; 32 MB when left out. */
  readonly maxBodyBytes?: number
}

/** More than any page of any venue here; a larger answer is not believed, and memory is not given to it. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** One GET. Never throws: a refused connection or a timeout is an outcome. */
export async function restGet(url: string, options: RestOptions): Promise<RestOutcome> {
  try {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)])
    const headers = { 'user-agent': options.userAgent, accept: 'application/json', ...options.headers }
    const response = await fetch(url, { signal, headers })
    const body = await bodyOf(response, options.maxBodyBytes ?? MAX_BODY_BYTES)
    const said = (name: string): string | undefined => response.headers.get(name) ?? undefined
    const [etag, lastModified] = [said('etag'), said('last-modified')]
    return {
      kind: 'answer',
      answer: { status: response.status, body },
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified })
    }
  } catch (error) {
    return { kind: 'failed', error: failureText(error) }
  }
}

async function bodyOf(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes / 1024 / 1024} MB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Whether asking again may help. */
export function isPassing(outcome: RestOutcome): boolean {
  if (outcome.kind === 'failed') return true
  const { status } = outcome.answer
  return status === 429 || status === 418 || status >= 500
}

/** Polite wait before try number `attempt` + 1 (attempts count from 1): what the venue asked for, else doubling from half a second. */
export function backoffMs(outcome: RestOutcome, attempt: number): number {
  const asked = outcome.kind === 'answer' ? outcome.retryAfterMs : undefined
  return Math.min(60_000, asked ?? Math.min(8000, 500 * 2 ** (attempt - 1)))
}

/** Seconds form only: the venues here send no dates. */
function retryAfterMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1000 : undefined
}

function failureText(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  const inner = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : undefined
  return inner ?? (error instanceof Error ? error.message : String(error))
}

import { StudioError } from '../../../shared/errors.ts'

const ANSWER_LIMIT_MS = 5_000
/** Symbols of a practice venue that are recorded unless the user names some. */
const MOST_SYMBOLS = 50

/** What a running practice venue says of its data. */
export interface PracticeFacts {
  /** Generated, or a recording of a real market that is played again. */
  readonly synthetic: boolean
  /** Name for people. */
  readonly name: string
}

/**
 * The symbols that a practice venue trades, so that a recording takes all of them.
 * @param restUrl base address of its Binance REST face
 * @throws StudioError VENUE_UNREACHABLE
 */
export async function practiceSymbols(restUrl: string): Promise<string[]> {
  const info = await fetch(`${restUrl}/api/v3/exchangeInfo`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
    .then((answer) => answer.json() as Promise<{ symbols?: { symbol?: unknown }[] }>)
    .catch((cause: unknown) => {
      throw new StudioError('VENUE_UNREACHABLE', `The practice venue did not name its symbols: ${restUrl}`, { cause })
    })
  return (info.symbols ?? []).map(({ symbol }) => String(symbol)).slice(0, MOST_SYMBOLS)
}

/**
 * Asks a practice venue where its data come from, so that a recording of a real market is not labelled as invented.
 * @param url the address that it printed, http://127.0.0.1:port
 * @throws StudioError VENUE_UNREACHABLE
 */
export async function askPractice(url: string, venue: string): Promise<PracticeFacts> {
  const state = await fetch(`${url.replace(/\/$/, '')}/practice/state`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
    .then((answer) => answer.json() as Promise<{ source?: { kind?: unknown; speed?: unknown } }>)
    .catch((cause: unknown) => {
      throw new StudioError(
        'VENUE_UNREACHABLE',
        `No practice venue answers at ${url}. Start one with "tapedeck practice" and use the address that it prints.`,
        { cause }
      )
    })
  if (state.source?.kind !== 'recorded') return { synthetic: true, name: `Practice venue (${venue})` }
  return { synthetic: false, name: `Practice venue (${venue}), recorded session at ${String(state.source.speed)}x` }
}

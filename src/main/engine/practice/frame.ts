export type PracticeVenueName = 'polymarket' | 'binance'

/**
 * One message of the venue on its way to subscribers.
 * `keys`: Polymarket token ids, or the one Binance stream name. A connection subscribed to any of them gets the frame once.
 */
export interface VenueFrame {
  readonly venue: PracticeVenueName
  readonly keys: readonly string[]
  readonly content: FrameContent
  /** Text as Polymarket sends it, or the combined form of Binance. Called at once and at most once, only when somebody listens. */
  readonly render: () => string
}

/** One level that a change moves: `key` names it within its book, `before` and `after` are its total sizes. */
export interface MovedLevel {
  readonly key: string
  readonly before: number | string
  readonly after: number | string
}

/**
 * `change` frames move a book step by step (these are what a gap skips); `refresh` replaces one whole; `other` leaves books alone.
 * `book` names the book: the condition id on Polymarket, the symbol on Binance. A Binance change names no levels: its update ids
 * already show every hole.
 */
export type FrameContent =
  | { readonly kind: 'change'; readonly book: string; readonly levels: readonly MovedLevel[] }
  | { readonly kind: 'refresh'; readonly book: string }
  | { readonly kind: 'other' }

export const OTHER_CONTENT: FrameContent = { kind: 'other' }
export const NO_LEVELS: readonly MovedLevel[] = []

/** A stretch of venue time with its frames: generated, recorded, or several of them merged. */
export interface Feed {
  /** @returns when the next event is due, in nanoseconds of venue time since the start of the feed; undefined at the end */
  peekNs(): number | undefined | Promise<number | undefined>
  /** Runs the event that the last `peekNs` announced and hands its frames over in order. */
  advance(emit: (frame: VenueFrame) => void): void
  /** Goes back to the start; only feeds that end have it. */
  rewind?(): Promise<void>
  close?(): Promise<void>
}

/** Turns the combined form `{"stream":"..","data":{..}}` into the raw form, the bytes of `data` as they are. */
export function rawFromCombined(stream: string, combined: string): string {
  const head = `{"stream":"${stream}","data":`
  if (combined.startsWith(head)) return combined.slice(head.length, -1)
  return JSON.stringify((JSON.parse(combined) as { data: unknown }).data)
}

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

/** `change` frames move a book step by step (these are what a gap skips); `refresh` replaces one whole; `other` leaves books alone. */
export type FrameContent =
  | { readonly kind: 'change'; readonly book: string; readonly levels: readonly string[] }
  | { readonly kind: 'refresh'; readonly book: string }
  | { readonly kind: 'other' }

export const OTHER_CONTENT: FrameContent = { kind: 'other' }

/** A frame and the moment it is due, in nanoseconds of venue time since the start of the source. */
export interface DueFrame {
  readonly dueNs: number
  readonly frame: VenueFrame
}

/** Turns the combined form `{"stream":"..","data":{..}}` into the raw form, the bytes of `data` as they are. */
export function rawFromCombined(stream: string, combined: string): string {
  const head = `{"stream":"${stream}","data":`
  if (combined.startsWith(head)) return combined.slice(head.length, -1)
  return JSON.stringify((JSON.parse(combined) as { data: unknown }).data)
}

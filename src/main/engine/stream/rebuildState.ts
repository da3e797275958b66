import { AT_WIRE_ID, eventWindow, instrument, station } from '../../../shared/channels/index.ts'
import { newestPlaces, RecordScan, type ReplaySource } from '../replay/index.ts'
import { LatestState } from './latestState.ts'
import type { SoughtBooks } from './soughtBooks.ts'

const NS = 1_000_000_000n
/** What is known of these already, in the order of the whole run. */
const KNOWN = new Set([instrument.wireId, station.wireId, eventWindow.wireId])

/** The moment that is to be known. */
export interface StateMoment {
  readonly relNs: number
  /** Receive time of the last frame before it. */
  readonly lastFrameRelNs: number
}

/** What a seek to the moment has found on its way. */
export interface SoughtState {
  readonly books: SoughtBooks
  readonly windows: readonly Uint8Array[]
}

/** The state of a run as of a moment, from its index: what `LatestState` holds when it took every event up to then. */
export function rebuildState(source: ReplaySource, { relNs, lastFrameRelNs }: StateMoment, sought?: SoughtState): LatestState {
  const { index, run } = source
  const state = new LatestState()
  const take = (bytes: Uint8Array): void => state.take(bytes, 0, bytes.length)
  for (const item of index.jumps.announcements) if (item.relNs <= relNs) take(item.bytes)
  const places = newestPlaces(index.jumps, relNs)
  // The books of the newest second were told by the first frame of the second in which the last frame came.
  const second = (run.originTsNs + BigInt(lastFrameRelNs)) / NS
  const secondRelNs = Number(second * NS - run.originTsNs)
  const books = sought?.books.since(secondRelNs)
  const scan = books === undefined || places.length > 0 ? new RecordScan(index, run) : undefined
  try {
    for (const bytes of scan?.records(places) ?? []) take(bytes)
    for (const bytes of books ?? []) take(bytes)
    if (books === undefined)
      scan?.between(secondRelNs - 1, relNs, (bytes, view) => {
        if (!KNOWN.has(view.getUint8(AT_WIRE_ID))) take(bytes)
      })
    for (const bytes of sought?.windows ?? scan?.openWindows() ?? []) take(bytes)
    return state
  } finally {
    scan?.close()
  }
}

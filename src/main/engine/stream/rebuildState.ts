import { AT_WIRE_ID, eventWindow, instrument, station } from '../../../shared/channels/index.ts'
import { newestPlaces, RecordScan, type ReplaySource } from '../replay/index.ts'
import { LatestState } from './latestState.ts'

const NS = 1_000_000_000n
/** What is known of these already, in the order of the whole run. */
const KNOWN = new Set([instrument.wireId, station.wireId, eventWindow.wireId])

/** The state of a run as of a time, from its index: what `LatestState` holds when it took every event up to then. */
export function rebuildState(source: ReplaySource, relNs: number, lastFrameRelNs: number): LatestState {
  const { index, run } = source
  const state = new LatestState()
  const take = (bytes: Uint8Array): void => state.take(bytes, 0, bytes.length)
  for (const item of index.jumps.announcements) if (item.relNs <= relNs) take(item.bytes)
  const scan = new RecordScan(index, run)
  try {
    for (const bytes of scan.records(newestPlaces(index.jumps, relNs))) take(bytes)
    // The books of the newest second were told by the first frame of the second in which the last frame came.
    const second = (run.originTsNs + BigInt(lastFrameRelNs)) / NS
    scan.between(Number(second * NS - run.originTsNs) - 1, relNs, (bytes, view) => {
      if (!KNOWN.has(view.getUint8(AT_WIRE_ID))) take(bytes)
    })
    for (const bytes of scan.openWindows()) take(bytes)
    return state
  } finally {
    scan.close()
  }
}

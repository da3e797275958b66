import { eventWindow, instrument, station } from '../../../shared/channels/index.ts'
import { deriveRecords, TapeRun, worldPlaces, type Place, type ReplaySource } from '../replay/index.ts'
import { LatestState } from './latestState.ts'

const NS = 1_000_000_000n

/** The state of a run as of a time, from its index: what `LatestState` holds when it took every event up to then. */
export function rebuildState(source: ReplaySource, relNs: number, lastFrameRelNs: number): LatestState {
  const { index, run } = source
  const state = new LatestState()
  for (const { bytes } of index.jumps.announcements.filter((item) => item.relNs <= relNs)) state.take(bytes, 0, bytes.length)
  const open: Place[] = index.jumps.windows
    .filter(({ fromRelNs, toRelNs }) => fromRelNs <= relNs && (toRelNs === undefined || toRelNs > relNs))
    .map(({ fromRelNs, instrumentId }) => ({ relNs: fromRelNs, wireId: eventWindow.wireId, instrumentId }))
  for (const bytes of deriveRecords(index, run, [...open, ...worldPlaces(index, relNs)])) state.take(bytes, 0, bytes.length)
  takeBooks(source, state, relNs, lastFrameRelNs)
  return state
}

/** The books of the newest second were told by the first frame of the second in which the last frame came. */
function takeBooks({ index, run }: ReplaySource, state: LatestState, relNs: number, lastFrameRelNs: number): void {
  const scan = new TapeRun(run, {
    withoutFingerprint: true,
    onRecords: (bytes, length) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length)
      for (let at = 0, size = 0; at < length; at += size) {
        size = view.getUint32(at, true)
        // What is announced is known already, in the order of the whole run.
        const wireId = view.getUint8(at + 4)
        if (wireId !== instrument.wireId && wireId !== station.wireId) state.take(bytes, at, at + size)
      }
    }
  })
  try {
    const second = (run.originTsNs + BigInt(lastFrameRelNs)) / NS
    index.startBefore(scan, Number(second * NS - run.originTsNs) - 1)
    scan.advance(relNs, Infinity)
    scan.tape.drain()
  } finally {
    scan.close()
  }
}

import type { WindowMark } from '../../../shared/api/index.ts'
import { AT_INSTRUMENT, AT_RECV, AT_WIRE_ID, eventWindow, getI64, instrument, station } from '../../../shared/channels/index.ts'
import { newestPlaces, RecordScan, type ReplaySource } from '../replay/index.ts'
import { LatestState } from './latestState.ts'

const NS = 1_000_000_000n
const START = 0

/** The state of a run as of a time, from its index: what `LatestState` holds when it took every event up to then. */
export function rebuildState(source: ReplaySource, relNs: number, lastFrameRelNs: number): LatestState {
  const { index, run } = source
  const state = new LatestState()
  for (const { bytes } of index.jumps.announcements.filter((item) => item.relNs <= relNs)) state.take(bytes, 0, bytes.length)
  const open = index.jumps.windows.filter((mark) => mark.fromRelNs <= relNs && isOpen(mark, relNs))
  const scan = new RecordScan(index, run)
  try {
    const starts = open.map(({ fromRelNs, instrumentId }) => ({ relNs: fromRelNs, wireId: eventWindow.wireId, instrumentId, model: 0 }))
    const records = scan.records([...starts, ...newestPlaces(index.jumps, relNs)])
    const times = new Set(open.map(({ fromRelNs }) => fromRelNs))
    const begunThen = index.jumps.windows.filter(({ fromRelNs }) => times.has(fromRelNs))
    for (const bytes of withoutEnded(records, begunThen, relNs)) state.take(bytes, 0, bytes.length)
    takeBooks(scan, state, run.originTsNs, relNs, lastFrameRelNs)
    return state
  } finally {
    scan.close()
  }
}

const isOpen = ({ toRelNs }: WindowMark, relNs: number): boolean => toRelNs === undefined || toRelNs > relNs

/** Several windows may begin at one place; those of them that have ended since are left out. */
function withoutEnded(records: readonly Uint8Array[], begunThen: readonly WindowMark[], relNs: number): Uint8Array[] {
  const marks = Map.groupBy(begunThen, ({ fromRelNs, instrumentId }) => `${fromRelNs}/${instrumentId}`)
  return records.filter((bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (view.getUint8(AT_WIRE_ID) !== eventWindow.wireId || view.getUint32(eventWindow.at.action, true) !== START) return true
    // Marks and records are in the order of the tape.
    const mark = marks.get(`${getI64(view, AT_RECV)}/${view.getUint32(AT_INSTRUMENT, true)}`)?.shift()
    return mark === undefined || isOpen(mark, relNs)
  })
}

/** The books of the newest second were told by the first frame of the second in which the last frame came. */
function takeBooks(scan: RecordScan, state: LatestState, originTsNs: bigint, relNs: number, lastFrameRelNs: number): void {
  const second = (originTsNs + BigInt(lastFrameRelNs)) / NS
  scan.between(Number(second * NS - originTsNs) - 1, relNs, (bytes, view) => {
    // What is announced is known already, in the order of the whole run.
    const wireId = view.getUint8(AT_WIRE_ID)
    if (wireId !== instrument.wireId && wireId !== station.wireId) state.take(bytes, 0, bytes.length)
  })
}

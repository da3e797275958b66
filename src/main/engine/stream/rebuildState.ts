import type { WindowMark } from '../../../shared/api/index.ts'
import { AT_INSTRUMENT, AT_RECV, AT_WIRE_ID, eventWindow, getI64, instrument, station } from '../../../shared/channels/index.ts'
import { newestPlaces, RecordScan, type Place, type ReplaySource } from '../replay/index.ts'
import { LatestState } from './latestState.ts'

const NS = 1_000_000_000n
const START = 0

/** The state of a run as of a time, from its index: what `LatestState` holds when it took every event up to then. */
export function rebuildState(source: ReplaySource, relNs: number, lastFrameRelNs: number): LatestState {
  const { index, run } = source
  const state = new LatestState()
  for (const { bytes } of index.jumps.announcements.filter((item) => item.relNs <= relNs)) state.take(bytes, 0, bytes.length)
  const begun = index.jumps.windows.filter(({ fromRelNs }) => fromRelNs <= relNs)
  const isOpen = ({ toRelNs }: WindowMark): boolean => toRelNs === undefined || toRelNs > relNs
  const open = begun
    .filter(isOpen)
    .map(({ fromRelNs, instrumentId }): Place => ({ relNs: fromRelNs, wireId: eventWindow.wireId, instrumentId, model: 0 }))
  const scan = new RecordScan(index, run)
  try {
    const records = scan.records([...open, ...newestPlaces(index.jumps, relNs)])
    for (const bytes of withoutEnded(records, begun, isOpen)) state.take(bytes, 0, bytes.length)
    takeBooks(scan, state, run.originTsNs, relNs, lastFrameRelNs)
    return state
  } finally {
    scan.close()
  }
}

/** Several windows may begin at one place; those of them that have ended since are left out. */
function withoutEnded(records: readonly Uint8Array[], begun: readonly WindowMark[], isOpen: (mark: WindowMark) => boolean): Uint8Array[] {
  const marks = new Map<string, WindowMark[]>()
  for (const mark of begun) {
    const key = `${mark.fromRelNs}/${mark.instrumentId}`
    marks.set(key, [...(marks.get(key) ?? []), mark])
  }
  return records.filter((bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (view.getUint8(AT_WIRE_ID) !== eventWindow.wireId || view.getUint32(eventWindow.at.action, true) !== START) return true
    // Marks and records are in the order of the tape.
    const mark = marks.get(`${getI64(view, AT_RECV)}/${view.getUint32(AT_INSTRUMENT, true)}`)?.shift()
    return mark === undefined || isOpen(mark)
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

import { FRAME_KIND, type SessionState, type StudioEvent, TRANSPORT_HEADER_BYTES } from '../../shared/api/index.ts'
import {
  AT_RECV,
  decodeRecord,
  depth1s,
  forEachRecord,
  getI64,
  health,
  integrity,
  ladder,
  tapeTrades,
  timeline1s
} from '../../shared/channels/index.ts'
import { type ColumnStore, instrumentOf, type Playhead, type Topic, type TradeStore } from '../stage/index.ts'
import { concerns, type IntegrityData } from '../stores/integrityData.ts'
import type { LadderData } from '../stores/ladderData.ts'
import type { MarksData } from '../stores/marksData.ts'
import type { LiveGates } from '../../shared/gates/index.ts'
import type { TimelineData } from '../stores/timelineData.ts'

/** Plain stores that the frames fill; none of them is React state. */
export interface ScreenData {
  readonly columns: ColumnStore
  readonly trades: TradeStore
  readonly ladder: LadderData
  readonly timeline: TimelineData
  readonly integrity: IntegrityData
  readonly playhead: Playhead
  /** Newest heartbeat, JSON text; empty when none came. */
  health: string
  readonly gates: LiveGates
  readonly marks: MarksData
}

export interface RouterHooks {
  touch(topic: Topic): void
  /** A StudioEvent, after the router has used it itself. */
  onEvent(event: StudioEvent): void
  /** Another book is on screen: other run or other instrument. */
  onOtherBook(): void
  /** Another run is on screen, or none. */
  onOtherRun(): void
}

const text = new TextDecoder()

type Run = Pick<SessionState, 'mode' | 'runId'>

/** A session has no run id while it begins; learning the id does not make it another run. */
function isOtherRun(before: Run, now: Run): boolean {
  return now.mode !== before.mode || (now.runId !== before.runId && before.runId !== '')
}

/** Decodes transport frames into the stores. Frames of an older view epoch are dropped; a newer one empties the picture first. */
export class FrameRouter {
  readonly #data: ScreenData
  readonly #hooks: RouterHooks
  #epoch = -1
  #instrumentId = 0
  #run: Run = { mode: 'idle', runId: '' }
  #latestRecv = 0
  #view: DataView = new DataView(new ArrayBuffer(0))

  constructor(data: ScreenData, hooks: RouterHooks) {
    this.#data = data
    this.#hooks = hooks
  }

  get epoch(): number {
    return this.#epoch
  }

  /** @throws Error when the frame is no whole number of records */
  take(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    const kind = view.getUint8(0)
    const epoch = view.getUint32(4, true)
    if (kind === FRAME_KIND.event) {
      this.takeEvent(JSON.parse(text.decode(frame.subarray(TRANSPORT_HEADER_BYTES))) as StudioEvent)
      return
    }
    if (epoch < this.#epoch) return
    if (epoch > this.#epoch) this.#enterEpoch(epoch)
    this.#view = view
    this.#latestRecv = -1
    forEachRecord(view, TRANSPORT_HEADER_BYTES, view.byteLength, this.#visit)
    if (kind === FRAME_KIND.played && this.#latestRecv >= 0 && this.#data.playhead.advance(this.#latestRecv)) this.#hooks.touch('playhead')
  }

  takeEvent(event: StudioEvent): void {
    if (event.kind === 'session' && !this.takeSession(event.state)) return
    if (event.kind === 'marks') {
      this.#data.marks.put(event.marks)
      this.#hooks.touch('marks')
    }
    this.#hooks.onEvent(event)
  }

  /** Takes a state from an event or from a command's reply. @returns false when it is older than what is on screen */
  takeSession(state: SessionState): boolean {
    if (state.viewEpoch < this.#epoch) return false
    if (state.viewEpoch > this.#epoch) this.#enterEpoch(state.viewEpoch)
    const { playhead } = this.#data
    playhead.setOrigin(state.originTsNs)
    playhead.advance(state.playheadRelNs)
    const otherRun = isOtherRun(this.#run, state)
    this.#run = { mode: state.mode, runId: state.runId }
    if (otherRun) {
      this.#forgetRun(state)
      this.#hooks.onOtherRun()
    }
    if (otherRun || state.instrumentId !== this.#instrumentId) {
      this.#learnInstrument(state.instrumentId)
      this.#hooks.onOtherBook()
    }
    for (const topic of ['session', 'playhead', 'timeline', 'integrity'] as const) this.#hooks.touch(topic)
    return true
  }

  /** Forgets everything: a new connection starts its epochs anew. */
  reset(): void {
    this.#epoch = -1
    this.#run = { mode: 'idle', runId: '' }
    this.#instrumentId = 0
    this.#forgetPicture()
  }

  /** What was kept over the epochs of a run ends with it. A session that is closed keeps its epoch, so then nothing stays. */
  #forgetRun(state: SessionState): void {
    const closed = state.mode === 'idle'
    if (closed) this.#forgetPicture()
    this.#data.timeline.dropBefore(state.viewEpoch + (closed ? 1 : 0))
    this.#data.integrity.dropBefore(state.viewEpoch + (closed ? 1 : 0))
    this.#data.health = ''
    // Of a recording that had to end its gates tell how it went.
    if (state.phase !== 'failed') this.#data.gates.clear()
    this.#data.marks.clear()
    this.#hooks.touch('marks')
  }

  #enterEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#forgetPicture()
  }

  #forgetPicture(): void {
    this.#data.columns.clear()
    this.#data.trades.clear()
    this.#data.ladder.clear()
    this.#data.playhead.loosen()
    for (const topic of ['columns', 'trades', 'ladder'] as const) this.#hooks.touch(topic)
  }

  #learnInstrument(instrumentId: number): void {
    this.#instrumentId = instrumentId
    if (instrumentId !== 0) this.#data.trades.keepOnly(instrumentId)
    const { playhead, integrity: found, columns } = this.#data
    columns.setGaps(found.gapTimes(instrumentId).map((relNs) => playhead.secondOf(relNs)))
  }

  readonly #visit = (wireId: number, start: number): void => {
    const view = this.#view
    const recv = getI64(view, start + AT_RECV)
    if (recv > this.#latestRecv) this.#latestRecv = recv
    switch (wireId) {
      case depth1s.wireId:
        this.#data.columns.putBytes(view, start)
        return this.#hooks.touch('columns')
      case tapeTrades.wireId:
        if (this.#instrumentId !== 0 && instrumentOf(view, start) !== this.#instrumentId) return
        this.#data.trades.putBytes(view, start)
        return this.#hooks.touch('trades')
      case ladder.wireId:
        this.#data.ladder.putBytes(view, start)
        return this.#hooks.touch('ladder')
      case timeline1s.wireId:
        this.#data.timeline.putBytes(view, start, this.#epoch)
        return this.#hooks.touch('timeline')
      case integrity.wireId:
        return this.#takeIntegrity(view, start)
      case health.wireId:
        return this.#takeHealth(view, start)
    }
  }

  #takeHealth(view: DataView, start: number): void {
    const { text, frameIdx } = decodeRecord(health, view, start)
    this.#data.health = text
    this.#data.gates.put(text, frameIdx)
    this.#hooks.touch('health')
  }

  #takeIntegrity(view: DataView, start: number): void {
    const record = this.#data.integrity.putBytes(view, start, this.#epoch)
    if (record === undefined) return
    if (concerns(record, this.#instrumentId)) this.#data.columns.markGap(this.#data.playhead.secondOf(record.recvRelNs))
    this.#hooks.touch('integrity')
  }
}

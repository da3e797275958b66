import { encodeRecord, eventWindow, recordBytes, type WindowTrigger } from '../../../../shared/channels/index.ts'
import { putRecord } from '../putRecord.ts'
import type { RecordWriter } from '../recordWriter.ts'

const NS = 1_000_000_000
const MAX_REASON = 300

/** How long a window lasts by what opened it, s. */
export const WINDOW_SECONDS: Readonly<Record<WindowTrigger, number>> = {
  METAR: 120,
  QC_OUTLIER: 180,
  QC_CHANGE: 60,
  MID_SHOCK: 60,
  SPREAD_REGIME: 120,
  DEPTH_CLIFF: 60,
  HRRR_UPDATE: 300,
  MANUAL: 60
}

/** What a window is about. */
export interface WindowSubject {
  /** Number of the instrument or station; 0 for neither. */
  readonly instrumentId: number
  /** Market, token or station: windows of the same trigger and subject are each other's repetition. */
  readonly key: string
}

interface OpenWindow extends WindowSubject {
  readonly trigger: WindowTrigger
  readonly reason: string
  readonly startRelNs: number
  readonly endRelNs: number
  readonly shard: number
  readonly frameIdx: number
  readonly pos: number
}

/**
 * The event windows of a tape. Several may be open at once; each closes with the first frame that comes when its time is over. Windows that
 * are open when the run ends have no END.
 */
export class EventWindows {
  /** The receive time from which on a window is due to close; Infinity while none is open. */
  nextEndRelNs = Infinity
  /** A trigger whose window is open makes that one longer instead of opening another. */
  extend = false
  readonly #w: RecordWriter
  #open: OpenWindow[] = []
  /** A copy that keyframes share until something changes. */
  #saved: readonly OpenWindow[] | undefined
  /** Triggers and keys of those. */
  readonly #keys = new Set<string>()

  constructor(writer: RecordWriter) {
    this.#w = writer
  }

  get openCount(): number {
    return this.#open.length
  }

  /** True while a window of this trigger is open for this market, token or station. */
  isOpen(trigger: WindowTrigger, key: string): boolean {
    return this.#keys.has(keyOf(trigger, key))
  }

  /** The START of every window that is open, in the order in which they were opened. */
  starts(): Uint8Array[] {
    return this.#open.map(startOf)
  }

  /** Opens a window at the frame that is being told, and writes its START. @param reason one plain sentence */
  start(trigger: WindowTrigger, subject: WindowSubject, reason: string): void {
    const { recvRelNs, shard, frameIdx, pos } = this.#w
    const endRelNs = recvRelNs + WINDOW_SECONDS[trigger] * NS
    if (this.extend && this.isOpen(trigger, subject.key)) {
      this.#load(this.#open.map((one) => (one.trigger === trigger && one.key === subject.key ? { ...one, endRelNs } : one)))
      return
    }
    const { instrumentId, key } = subject
    const text = reason.slice(0, MAX_REASON)
    const window = { trigger, instrumentId, key, reason: text, startRelNs: recvRelNs, endRelNs, shard, frameIdx, pos }
    this.#write('START', window)
    this.#add(window)
  }

  /** Writes the END of every window whose time is over, in the order in which they were opened. */
  closeDue(relNs: number): void {
    if (relNs < this.nextEndRelNs) return
    for (const window of this.#open) if (window.endRelNs <= relNs) this.#write('END', window)
    this.#load(this.#open.filter((window) => window.endRelNs > relNs))
  }

  /** All state; never changed afterwards. */
  save(): WindowsState {
    this.#saved ??= this.#open.slice()
    return { open: this.#saved, extend: this.extend }
  }

  restore(saved: WindowsState): void {
    this.extend = saved.extend
    this.#load(saved.open)
  }

  #load(open: readonly OpenWindow[]): void {
    this.#saved = undefined
    this.#open = []
    this.#keys.clear()
    this.nextEndRelNs = Infinity
    for (const window of open) this.#add(window)
  }

  #add(window: OpenWindow): void {
    this.#saved = undefined
    this.#open.push(window)
    this.#keys.add(keyOf(window.trigger, window.key))
    if (window.endRelNs < this.nextEndRelNs) this.nextEndRelNs = window.endRelNs
  }

  #write(action: 'START' | 'END', window: OpenWindow): void {
    putRecord(this.#w, eventWindow, window.instrumentId, contentOf(action, window))
  }
}

function contentOf(action: 'START' | 'END', window: OpenWindow) {
  const { trigger, startRelNs, endRelNs, shard, frameIdx, pos, reason } = window
  return {
    action,
    trigger,
    durationS: Math.round((endRelNs - startRelNs) / NS),
    startRelNs,
    causeShard: shard,
    causeFrameIdx: frameIdx,
    causePos: pos,
    text: reason
  }
}

/** A window's START, as it was written when it was opened: it may have been made longer since. */
function startOf(window: OpenWindow): Uint8Array {
  const { instrumentId, shard, frameIdx, pos, startRelNs, trigger } = window
  const content = contentOf('START', { ...window, endRelNs: startRelNs + WINDOW_SECONDS[trigger] * NS })
  const record = { ch: eventWindow.name, shard, frameIdx, pos, instrumentId, recvRelNs: startRelNs, ...content }
  const bytes = new Uint8Array(recordBytes(eventWindow, record))
  encodeRecord(eventWindow, record, new DataView(bytes.buffer), 0)
  return bytes
}

const keyOf = (trigger: WindowTrigger, key: string): string => `${trigger} ${key}`

/** What a keyframe keeps of the windows. */
export interface WindowsState {
  readonly open: readonly OpenWindow[]
  readonly extend: boolean
}

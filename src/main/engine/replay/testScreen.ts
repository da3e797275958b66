import { FRAME_KIND, TRANSPORT_HEADER_BYTES, type SessionState } from '../../../shared/api/index.ts'
import { AT_LENGTH, AT_WIRE_ID, CHANNELS, decodeRecord, type Channel, type TapeRecord } from '../../../shared/channels/index.ts'
import type { ReplayCommand, SessionEvent } from '../threads/messages.ts'

const byWireId: ReadonlyMap<number, Channel> = new Map(CHANNELS.map((channel) => [channel.wireId, channel]))

/** One record as it came to a screen. */
export interface Seen {
  readonly kind: 'played' | 'backfill'
  readonly epoch: number
  readonly record: TapeRecord
  readonly hex: string
}

/** What a session looks like from outside: the same for replay and live. */
export interface Ticking {
  readonly state: SessionState
  tick(): number
}

/** For tests: a screen with a clock of its own, which takes frames and grants bytes back, or does not. */
export class TestScreen {
  readonly events: SessionEvent[] = []
  readonly seen: Seen[] = []
  nowNs = 1e12
  bytes = 0
  frames = 0
  /** Bytes that were sent and not granted back; while `reading` everything is granted at once. */
  owed = 0
  reading = true
  /** Frames that were sent while all credit was used up already. */
  beyondCredit = 0
  onGrant: (bytes: number) => void = () => undefined

  readonly host = {
    nowNs: (): number => this.nowNs,
    post: (event: SessionEvent): void => this.#take(event)
  }

  #take(event: SessionEvent): void {
    if (event.kind !== 'frame') {
      this.events.push(event)
      return
    }
    const { frame } = event
    this.frames++
    this.bytes += frame.length
    if (this.owed >= 4 * 1024 * 1024) this.beyondCredit++
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    const kind = view.getUint8(0) === FRAME_KIND.played ? 'played' : 'backfill'
    const epoch = view.getUint32(4, true)
    for (let at = TRANSPORT_HEADER_BYTES; at < frame.length; at += view.getUint32(at + AT_LENGTH, true)) {
      const record = decodeRecord(byWireId.get(view.getUint8(at + AT_WIRE_ID))!, view, at) as TapeRecord
      this.seen.push({
        kind,
        epoch,
        record,
        hex: Buffer.from(frame.subarray(at, at + view.getUint32(at + AT_LENGTH, true))).toString('hex')
      })
    }
    if (this.reading) this.onGrant(frame.length)
    else this.owed += frame.length
  }

  /** Reads on: everything owed is granted. */
  read(): void {
    this.reading = true
    const { owed } = this
    this.owed = 0
    this.onGrant(owed)
  }

  /** Lets this much time pass, ticking as often as the session wants. */
  run(session: Ticking, ms: number): void {
    const end = this.nowNs + ms * 1e6
    while (this.nowNs < end) this.nowNs += Math.max(0.05, Math.min(session.tick(), (end - this.nowNs) / 1e6)) * 1e6
  }

  /** Lets time pass until this holds, at most three hours. */
  until(session: Ticking, holds: () => boolean): void {
    const limit = this.nowNs + 1e13
    while (!holds()) {
      if (this.nowNs > limit) throw new Error(`it did not come about; the state is ${JSON.stringify(session.state)}`)
      this.nowNs += Math.max(0.05, session.tick()) * 1e6
    }
  }

  /** Records of a channel, of the newest epoch unless told otherwise. */
  of<N extends TapeRecord['ch']>(ch: N, epoch = this.epoch): Extract<TapeRecord, { ch: N }>[] {
    return this.seen
      .filter((seen) => seen.epoch === epoch && seen.record.ch === ch)
      .map((seen) => seen.record as Extract<TapeRecord, { ch: N }>)
  }

  get epoch(): number {
    return this.seen.at(-1)?.epoch ?? 0
  }

  answers(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'done'
        ? [`done ${event.requestId}`]
        : event.kind === 'failed'
          ? [`failed ${event.requestId}: ${event.failure.code}`]
          : []
    )
  }
}

export type Deed = Extract<ReplayCommand, { requestId: number }>

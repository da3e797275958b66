import type { Clock } from '../../clock.ts'
import type { VenueFrame } from '../frame.ts'
import type { Connection } from '../server/connection.ts'
import type { CheckedFault } from './fault.ts'
import { Gap } from './gap.ts'
import { meets, namesToken } from './meets.ts'

type FrameFault = Extract<CheckedFault, { kind: 'gap' | 'duplicate' }>
type Report = (id: number, kind: CheckedFault['kind'], connection: Connection, details: Readonly<Record<string, unknown>>) => void

interface Armed {
  readonly id: number
  readonly fault: FrameFault
  /** Gaps: the one book it is about, known from the first update that it meets. */
  book?: string
  /** Duplicates: frames still to double. */
  left: number
  readonly gaps: Map<Connection, { readonly gap: Gap; readonly keys: readonly string[]; firstWallNs: bigint | undefined }>
  /** Connections that had their gap; nobody has the same one twice. */
  readonly done: Set<Connection>
}

/** The faults that wait for frames: holes, doubles, and mutes of single tokens. */
export class FrameFaults {
  readonly #report: Report
  readonly #clock: Clock
  #armed: Armed[] = []
  #muteUntilNs = 0n

  constructor(report: Report, clock: Clock) {
    this.#report = report
    this.#clock = clock
  }

  get active(): boolean {
    return this.#armed.length > 0 || (this.#muteUntilNs !== 0n && this.#clock.monoNs() < this.#muteUntilNs)
  }

  get pending(): readonly { fault_id: number; fault: CheckedFault }[] {
    return this.#armed.map(({ id, fault }) => ({ fault_id: id, fault }))
  }

  add(id: number, fault: FrameFault): void {
    this.#armed.push({ id, fault, left: fault.count, gaps: new Map(), done: new Set() })
  }

  /** Holds back everything of one token from one connection for a while. */
  mute(connection: Connection, token: string, ms: number): void {
    for (const key of connection.subscriptions) if (namesToken(key, token)) connection.mute(key, ms)
    const until = this.#clock.monoNs() + BigInt(Math.round(ms * 1e6))
    if (until > this.#muteUntilNs) this.#muteUntilNs = until
  }

  copies(connection: Connection, frame: VenueFrame): 0 | 1 | 2 {
    if (connection.silent || connection.isMuted(frame.keys)) return 0
    let copies: 0 | 1 | 2 = 1
    for (const armed of this.#armed) {
      if (!meets(armed.fault, connection) || !aboutToken(armed.fault, frame)) continue
      if (armed.fault.kind === 'gap') {
        if (this.#meetGap(armed, connection, frame)) return 0
      } else if (this.#meetDuplicate(armed, connection, frame)) copies = 2
    }
    return copies
  }

  connectionClosed(connection: Connection): void {
    for (const armed of this.#armed) {
      if (!armed.gaps.has(connection)) continue
      this.#endGap(armed, connection, true)
    }
  }

  finish(): void {
    for (const armed of this.#armed) for (const connection of armed.gaps.keys()) this.#endGap(armed, connection, true)
    this.#armed = []
  }

  /** @returns true when the frame is to be held back */
  #meetGap(armed: Armed, connection: Connection, frame: VenueFrame): boolean {
    const { content } = frame
    if (content.kind === 'other') return false
    if (armed.book === undefined && content.kind === 'change') armed.book = content.book
    if (armed.book !== content.book || armed.done.has(connection)) return false
    let state = armed.gaps.get(connection)
    if (!state) {
      // A gap of one named connection, and a late subscriber of another one's gap, are left alone.
      if (armed.fault.connection !== undefined && armed.gaps.size > 0) return false
      if (content.kind !== 'change') return false
      state = { gap: new Gap(armed.fault.count), keys: frame.keys, firstWallNs: undefined }
      armed.gaps.set(connection, state)
    }
    const verdict = state.gap.meet(content)
    if (verdict === 'skip') state.firstWallNs ??= this.#clock.wallNs()
    if (verdict === 'end') this.#endGap(armed, connection, false)
    return verdict === 'skip'
  }

  #endGap(armed: Armed, connection: Connection, cut: boolean): void {
    const state = armed.gaps.get(connection)
    if (!state) return
    const since = String(state.firstWallNs ?? 0n)
    const key = state.keys.find((name) => connection.subscriptions.has(name)) ?? state.keys[0]
    const details = {
      at_wall_ns: since,
      token: connection.venue === 'binance' ? armed.book : key,
      book: armed.book,
      skipped: state.gap.skipped,
      ...(cut && { cut_short: true })
    }
    this.#report(armed.id, 'gap', connection, details)
    armed.gaps.delete(connection)
    armed.done.add(connection)
    if (armed.gaps.size === 0) this.#armed = this.#armed.filter((other) => other !== armed)
  }

  #meetDuplicate(armed: Armed, connection: Connection, frame: VenueFrame): boolean {
    this.#report(armed.id, 'duplicate', connection, {
      token: frame.keys.find((key) => connection.subscriptions.has(key)),
      content: frame.content.kind
    })
    if (--armed.left === 0) this.#armed = this.#armed.filter((other) => other !== armed)
    return true
  }
}

function aboutToken(fault: FrameFault, frame: VenueFrame): boolean {
  return fault.token === undefined || frame.keys.some((key) => namesToken(key, fault.token!))
}

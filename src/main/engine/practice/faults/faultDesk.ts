import type { Clock } from '../../clock.ts'
import type { VenueFrame } from '../frame.ts'
import type { Connection } from '../server/connection.ts'
import type { DeliveryGate } from '../server/hub.ts'
import type { CheckedFault, ConnectionFault, InjectedFault, WeatherFault } from './fault.ts'
import { FrameFaults } from './frameFaults.ts'
import { brokenText, paddedText } from './faultTexts.ts'
import { meets } from './meets.ts'

export interface FaultDeskOptions {
  readonly clock: Clock
  readonly connections: () => Iterable<Connection>
  readonly setSkew: (ms: number) => void
  /** Changes the list of markets. @returns what became of it, for the report */
  readonly relist: (remove: number, add: number) => Readonly<Record<string, number>>
  readonly report: (fault: InjectedFault) => void
}

type Upgrading = Extract<CheckedFault, { kind: 'slowAccept' }>
type Failing = Extract<CheckedFault, { kind: 'http' }>
type Strike = Extract<CheckedFault, { kind: 'drop' | 'silence' | 'malformed' | 'oversized' }>
interface Waiting<F> {
  readonly id: number
  readonly fault: F
  left: number
}

/** Carries out faults and says what each one did, at the moment it took effect. */
export class FaultDesk implements DeliveryGate {
  readonly #options: FaultDeskOptions
  readonly #frames: FrameFaults
  #lastId = 0
  #strikes: Waiting<Strike>[] = []
  #upgrades: Waiting<Upgrading>[] = []
  #requests: Waiting<Failing>[] = []
  #weather: Waiting<WeatherFault>[] = []

  constructor(options: FaultDeskOptions) {
    this.#options = options
    this.#frames = new FrameFaults((id, kind, connection, details) => this.#report(id, kind, connection, details), options.clock)
  }

  /** Faults that were asked for and have not taken full effect. */
  get pending(): readonly { fault_id: number; fault: CheckedFault }[] {
    const waiting: Waiting<CheckedFault>[] = [...this.#strikes, ...this.#upgrades, ...this.#requests, ...this.#weather]
    return [...waiting.map(({ id, fault }) => ({ fault_id: id, fault })), ...this.#frames.pending]
  }

  /** @returns the id that the fault's reports will carry */
  inject(fault: CheckedFault): number {
    const id = ++this.#lastId
    if (fault.kind === 'slowAccept') this.#upgrades.push({ id, fault, left: fault.count })
    else if (fault.kind === 'http') this.#requests.push({ id, fault, left: fault.count })
    else if (fault.kind === 'weather') this.#weather.push({ id, fault, left: fault.count })
    else if (fault.kind === 'gap' || fault.kind === 'duplicate') this.#frames.add(id, fault)
    else if (fault.kind === 'relist') this.#report(id, 'relist', undefined, this.#options.relist(fault.remove, fault.add))
    else if (fault.kind === 'clockSkew') {
      this.#options.setSkew(fault.ms)
      this.#report(id, 'clockSkew', undefined, { skew_ms: fault.ms })
    } else {
      this.#strikes.push({ id, fault, left: 1 })
      this.connectionsChanged()
    }
    return id
  }

  /** Gives waiting faults another look at the connections; called when somebody subscribed. */
  connectionsChanged(): void {
    this.#strikes = this.#strikes.filter(({ id, fault }) => !this.#strike(id, fault))
  }

  connectionClosed(connection: Connection): void {
    this.#frames.connectionClosed(connection)
  }

  /** @returns milliseconds that this upgrade has to wait */
  upgradeDelayMs(path: string): number {
    const waiting = takeOne(this.#upgrades)
    if (!waiting) return 0
    this.#report(waiting.id, 'slowAccept', undefined, { delay_ms: waiting.fault.ms, path })
    return waiting.fault.ms
  }

  /** @returns how this REST request has to fail, undefined when it may pass */
  requestFailure(path: string): { status: number; retryAfterS: number } | undefined {
    const waiting = takeOne(this.#requests)
    if (!waiting) return undefined
    const { status, retryAfterS } = waiting.fault
    this.#report(waiting.id, 'http', undefined, { status, retry_after_s: retryAfterS, path })
    return { status, retryAfterS }
  }

  /** @returns what this answer of a weather service has to suffer, undefined when it may pass */
  weatherFault(api: Exclude<WeatherFault['api'], 'any'>, path: string): WeatherFault | undefined {
    const at = this.#weather.findIndex(({ fault }) => fault.api === 'any' || fault.api === api)
    const waiting = this.#weather[at]
    if (waiting === undefined) return undefined
    if (--waiting.left === 0) this.#weather.splice(at, 1)
    this.#report(waiting.id, 'weather', undefined, { api, what: waiting.fault.what, path })
    return waiting.fault
  }

  get active(): boolean {
    return this.#frames.active
  }

  copies(connection: Connection, frame: VenueFrame): 0 | 1 | 2 {
    return this.#frames.copies(connection, frame)
  }

  /** Reports what is still under way; called when the venue closes. */
  finish(): void {
    this.#frames.finish()
  }

  #strike(id: number, fault: Strike): boolean {
    let met = false
    for (const connection of this.#options.connections()) {
      if (!meets(fault, connection) || connection.silent) continue
      this.#strikeOne(id, fault, connection)
      met = true
      if (fault.connection !== undefined) break
    }
    return met
  }

  #strikeOne(id: number, fault: Strike, connection: Connection): void {
    switch (fault.kind) {
      case 'drop':
        this.#report(id, 'drop', connection, tokenOf(fault))
        return connection.ws.terminate()
      case 'silence':
        this.#report(id, 'silence', connection, { ...tokenOf(fault), silence_ms: fault.ms })
        if (fault.token === undefined) connection.silence(fault.ms)
        else this.#frames.mute(connection, fault.token, fault.ms)
        return
      case 'malformed': {
        const text = brokenText(connection)
        this.#report(id, 'malformed', connection, { ...tokenOf(fault), frame_bytes: text.length })
        return connection.send(text)
      }
      case 'oversized': {
        const text = paddedText(fault.bytes + 1)
        this.#report(id, 'oversized', connection, { ...tokenOf(fault), frame_bytes: text.length })
        return connection.send(text)
      }
    }
  }

  #report(id: number, kind: CheckedFault['kind'], connection: Connection | undefined, details: Readonly<Record<string, unknown>>): void {
    this.#options.report({
      event: 'fault',
      kind,
      fault_id: id,
      at_wall_ns: String(this.#options.clock.wallNs()),
      ...(connection && { venue: connection.venue, connection: connection.id, subscriptions: connection.subscriptions.size }),
      ...details
    })
  }
}

function tokenOf(fault: ConnectionFault): { token?: string } {
  return fault.token === undefined ? {} : { token: fault.token }
}

function takeOne<F>(list: Waiting<F>[]): Waiting<F> | undefined {
  const first = list[0]
  if (first && --first.left === 0) list.shift()
  return first
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { StudioError, toFailure } from '../../../shared/errors.ts'
import { hostClock, type Clock } from '../clock.ts'
import { fastClock } from '../fastClock.ts'
import type { CheckedFault, Fault, InjectedFault } from './faults/fault.ts'
import { FaultDesk } from './faults/faultDesk.ts'
import { checkFault } from './faults/faultText.ts'
import { generatorSource } from './generator/generatorSource.ts'
import { checkOptions, type CheckedOptions, type PracticeEvent, type PracticeOptions } from './options.ts'
import { recordedSource } from './recorded/recordedSource.ts'
import type { Connection } from './server/connection.ts'
import { httpHandler } from './server/httpRoutes.ts'
import { Hub } from './server/hub.ts'
import { keepAlive } from './server/keepAlive.ts'
import { Listing } from './server/listing.ts'
import { Pacer } from './server/pacer.ts'
import { Sockets } from './server/sockets.ts'
import type { VenueSource } from './source.ts'
import { VenueTime } from './venueTime.ts'
import { WeatherService } from './weather/weatherService.ts'

/** Counts of one practice venue since its start. */
export interface PracticeStats {
  readonly connections_open: number
  readonly connections_total: number
  /** Distinct messages that the source made. */
  readonly frames_made: number
  /** Copies of messages sent to clients, without answers and initial books. */
  readonly frames_sent: number
  readonly rest_requests: number
  readonly faults_injected: number
  /** How late the last message left, milliseconds. */
  readonly lag_ms: number
  /** Venue time given up because the generator could not keep its rate, milliseconds. */
  readonly slipped_ms: number
  readonly recording_ended: boolean
}

/** A running practice venue. All addresses are on the loopback interface. */
export interface PracticeVenue {
  readonly port: number
  readonly httpUrl: string
  /** The market channel itself, path included. */
  readonly polymarketWsUrl: string
  /** Base address: append `/stream?streams=...` or `/ws/<stream>`. */
  readonly binanceWsUrl: string
  /** Base address: append `/api/v3/...`. */
  readonly binanceRestUrl: string
  /** Base address: append `/markets`. */
  readonly gammaUrl: string
  /** Base address: append `/book`. */
  readonly clobUrl: string
  /** Base address of all three weather services, where there is weather. */
  readonly weatherUrl: string
  /** Private weather stations as a capture's setting names them. */
  readonly privateStations: readonly string[]
  /** @returns the fault's id, which its reports carry @throws StudioError CONFIG_INVALID for a fault that is not known */
  inject(fault: Fault): number
  /** Every effect of every fault so far. */
  readonly injected: readonly InjectedFault[]
  stats(): PracticeStats
  /** Ends every connection and frees the port. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Starts a loopback server that speaks the protocols of Polymarket and Binance spot.
 * The source starts with the first subscription; initial books and snapshots are served before.
 * @throws StudioError CONFIG_INVALID, PORT_IN_USE, FILE_FAILED (a recording that cannot be read)
 */
export async function startPracticeVenue(options: PracticeOptions): Promise<PracticeVenue> {
  const checked = checkOptions(options)
  const host = checked.clock ?? hostClock
  const clock = checked.fastClock === undefined ? host : fastClock(checked.fastClock, host)
  const time = new VenueTime(clock)
  const { source: settings } = checked
  const source =
    settings.kind === 'generator'
      ? generatorSource({ venue: 'polymarket', ...settings }, time)
      : await recordedSource({ loop: false, ...settings }, time)
  const weather = checked.weather === undefined ? undefined : await WeatherService.start(checked.weather, clock)
  const venue = new RunningVenue(checked, clock, time, source, weather)
  await venue.listen()
  return venue
}

class RunningVenue implements PracticeVenue {
  port = 0
  readonly injected: InjectedFault[] = []
  readonly #options: CheckedOptions
  readonly #clock: Clock
  readonly #time: VenueTime
  readonly #source: VenueSource
  readonly #weather: WeatherService | undefined
  readonly #hub = new Hub()
  readonly #desk: FaultDesk
  readonly #sockets: Sockets
  readonly #server: Server
  readonly #timers: NodeJS.Timeout[] = []
  readonly #endReasons = new WeakMap<Connection, string>()
  #endKeepAlive: (() => void) | undefined
  #pacer: Pacer | undefined
  #playing: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #restRequests = 0
  #slippedMs = 0
  #recordingEnded = false

  constructor(options: CheckedOptions, clock: Clock, time: VenueTime, source: VenueSource, weather: WeatherService | undefined) {
    this.#options = options
    this.#clock = clock
    this.#time = time
    this.#source = source
    this.#weather = weather
    const connections = (): Iterable<Connection> => this.#hub.connections.values()
    const listing = source.polymarket && new Listing(source.polymarket)
    this.#desk = new FaultDesk({
      clock,
      connections,
      setSkew: (ms) => time.setSkew(ms),
      relist: (remove, add) => ({ ...listing?.change(remove, add) }),
      report: (fault) => this.#reportFault(fault)
    })
    this.#hub.gate = this.#desk
    this.#sockets = new Sockets({
      clock,
      hub: this.#hub,
      desk: this.#desk,
      source,
      onOpen: (connection) => this.#tell(this.#about('connection_open', connection)),
      onSubscribed: (connection) => this.#subscribed(connection),
      onRefused: (connection, reason) =>
        this.#tell({ event: 'refused', ...this.#stamp(), venue: connection.venue, connection: connection.id, reason }),
      onClosed: (connection, code) => this.#closed(connection, code)
    })
    this.#server = createServer(
      httpHandler({
        source: listing === undefined ? source : { ...source, polymarket: listing.face },
        weather: weather && {
          paths: WeatherService.paths,
          answer: (path, query) => weather.answer(path, query, (api) => this.#desk.weatherFault(api, path))
        },
        failure: (path) => this.#desk.requestFailure(path),
        inject: (fault) => this.#desk.inject(fault),
        state: () => this.#state(),
        counted: () => void this.#restRequests++
      })
    )
    this.#server.on('upgrade', (request, socket, head) => this.#sockets.upgrade(request, socket, head))
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port}`
  }
  get polymarketWsUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws/market`
  }
  get binanceWsUrl(): string {
    return `ws://127.0.0.1:${this.port}`
  }
  get binanceRestUrl(): string {
    return this.httpUrl
  }
  get gammaUrl(): string {
    return `${this.httpUrl}/gamma`
  }
  get clobUrl(): string {
    return `${this.httpUrl}/clob`
  }

  get weatherUrl(): string {
    return this.httpUrl
  }
  get privateStations(): readonly string[] {
    return this.#weather?.privateStations ?? []
  }

  async listen(): Promise<void> {
    const { port, pingMs, idleMs, faults } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(listenFailure(error, port)))
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.port = (this.#server.address() as AddressInfo).port
    const connections = (): Iterable<Connection> => this.#hub.connections.values()
    const cut = (connection: Connection, reason: string): void => {
      this.#endReasons.set(connection, reason)
      connection.ws.terminate()
    }
    this.#endKeepAlive = keepAlive({ clock: this.#clock, connections, pingMs, idleMs, cut, onRound: () => this.#desk.connectionsChanged() })
    for (const { atMs, ...fault } of faults) this.#timers.push(setTimeout(() => this.#desk.inject(fault as CheckedFault), atMs))
  }

  inject(fault: Fault): number {
    return this.#desk.inject(checkFault(fault, 'the call', 'CONFIG_INVALID'))
  }

  stats(): PracticeStats {
    return {
      connections_open: this.#hub.connections.size,
      connections_total: this.#sockets.connectionsSoFar,
      frames_made: this.#hub.made,
      frames_sent: this.#hub.delivered,
      rest_requests: this.#restRequests,
      faults_injected: this.injected.length,
      lag_ms: Math.round(this.#pacer?.lagMs ?? 0),
      slipped_ms: Math.round(this.#slippedMs),
      recording_ended: this.#recordingEnded
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#endKeepAlive?.()
    this.#pacer?.stop()
    await this.#playing
    this.#desk.finish()
    this.#sockets.close()
    await this.#endConnections(1001, 'the practice venue closes')
    for (const feed of this.#source.feeds) await feed.close?.()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** Asks every client to close, and cuts those that have not done so after a moment. */
  async #endConnections(code: number, reason: string): Promise<void> {
    const open = [...this.#hub.connections.values()]
    for (const connection of open) connection.ws.close(code, reason)
    for (let tries = 0; tries < 20 && open.some((c) => c.ws.readyState !== c.ws.CLOSED); tries++) await sleep(10)
    for (const connection of open) connection.ws.terminate()
  }

  #subscribed(connection: Connection): void {
    this.#tell(this.#about('subscribed', connection))
    this.#desk.connectionsChanged()
    if (this.#playing || this.#closing) return
    this.#playing = this.#play().catch((error: unknown) => {
      this.#tell({ event: 'source_failed', ...this.#stamp(), message: toFailure(error).message })
    })
  }

  async #play(): Promise<void> {
    this.#time.anchor()
    this.#pacer = new Pacer({
      clock: this.#clock,
      feeds: this.#source.feeds,
      speed: this.#source.speed,
      clockSpeed: this.#options.fastClock?.speed ?? 1,
      canSlip: this.#source.canSlip,
      deliver: (frame) => this.#hub.deliver(frame),
      flush: () => this.#hub.flush(),
      onSlip: (ms) => this.#slipped(ms)
    })
    const ended = await this.#pacer.play()
    if (!ended) return
    this.#recordingEnded = true
    this.#tell({ event: 'recording_end', ...this.#stamp(), loop: this.#source.loop })
    if (!this.#source.loop || this.#closing) return
    // Update ids start over, so that every client has to start over too.
    await this.#endConnections(1012, 'the recording starts again')
    for (const feed of this.#source.feeds) await feed.rewind?.()
    this.#recordingEnded = false
    // Who came back while the recording was being rewound saw its end, not its start.
    for (const connection of this.#hub.connections.values()) connection.ws.terminate()
    this.#playing = undefined
  }

  #slipped(ms: number): void {
    this.#time.shift(ms)
    this.#slippedMs += ms
    this.#tell({ event: 'slip', ...this.#stamp(), slip_ms: Math.round(ms) })
  }

  #closed(connection: Connection, code: number): void {
    const reason = connection.tooSlow ? 'the client read too slowly' : this.#endReasons.get(connection)
    this.#tell({
      ...this.#about('connection_closed', connection),
      event: 'connection_closed',
      sent_frames: connection.sentFrames,
      code,
      ...(reason !== undefined && { reason })
    })
  }

  #reportFault(fault: InjectedFault): void {
    this.injected.push(fault)
    this.#tell(fault)
  }

  #about<E extends string>(event: E, connection: Connection) {
    return { event, ...this.#stamp(), venue: connection.venue, connection: connection.id, subscriptions: connection.subscriptions.size }
  }

  #stamp(): { at_wall_ns: string } {
    return { at_wall_ns: String(this.#clock.wallNs()) }
  }

  #tell(event: PracticeEvent): void {
    this.#options.onEvent?.(event)
  }

  #state(): unknown {
    const connections = [...this.#hub.connections.values()].map((connection) => ({
      connection: connection.id,
      venue: connection.venue,
      subscriptions: connection.subscriptions.size,
      sent_frames: connection.sentFrames,
      sent_bytes: connection.sentBytes,
      silent: connection.silent
    }))
    const started = this.#playing !== undefined
    return {
      source: this.#source.description,
      ...(this.#options.fastClock && { fast_clock: this.#options.fastClock }),
      ...(this.#weather && { weather: this.#weather.description }),
      started,
      clock_skew_ms: this.#time.skewMs,
      ...this.stats(),
      connections,
      faults_pending: this.#desk.pending,
      faults: this.injected
    }
  }
}

function listenFailure(error: Error, port: number): StudioError {
  if ((error as { code?: unknown }).code === 'EADDRINUSE') {
    return new StudioError(
      'PORT_IN_USE',
      `Port ${port} is already in use by another program. Choose another port, or 0 for any free one.`,
      { cause: error }
    )
  }
  return new StudioError('VENUE_UNREACHABLE', `The practice venue could not listen on port ${port}: ${error.message}`, { cause: error })
}

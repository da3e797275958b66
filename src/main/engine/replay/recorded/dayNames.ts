import type { InstrumentFacts } from '../../../../shared/api/index.ts'
import {
  AT_RECV,
  AT_WIRE_ID,
  decodeRecord,
  getI64,
  instrument,
  InstrumentTable,
  station,
  STATION_BASE
} from '../../../../shared/channels/index.ts'
import { bytesOf } from './viewRecord.ts'

/** Where nothing says how fine prices are. */
const USUAL_TICK_E6 = 10_000

interface Named {
  readonly instrumentId: number
  readonly venue: InstrumentFacts['venue']
  tokenId: string
  marketId: string
  name: string
  outcome: string
  /** Receive times of the day from which each tick holds, ascending. */
  readonly ticks: { fromRelNs: number; tickE6: number }[]
  announced: boolean
}

/** What instrument and station numbers stand for on a day: the same token of several runs has one number, in the order of meeting. */
export class DayNames {
  /** Index = number - 1. */
  readonly instruments: Named[] = []
  readonly stationIds: string[] = []
  /** `station` records from before the day, in its numbers. */
  readonly early: Uint8Array[] = []
  /** What was announced before the day and is wanted, as recorded. */
  readonly before: { readonly run: number; readonly bytes: Uint8Array }[] = []
  readonly #venues: readonly InstrumentFacts['venue'][]
  readonly #shiftsNs: readonly number[]
  readonly #numbers = new Map<string, number>()
  readonly #byRun: Map<number, number>[]
  readonly #tables: InstrumentTable[]
  readonly #timeZones = new Map<string, string>()

  /** @param runs in the order of their numbers */
  constructor(runs: readonly { readonly shiftNs: number; readonly stored: { readonly venue: string } }[]) {
    this.#venues = runs.map(({ stored }) => (stored.venue === 'binance' ? 'binance' : 'polymarket'))
    this.#shiftsNs = runs.map(({ shiftNs }) => shiftNs)
    this.#byRun = runs.map(() => new Map())
    this.#tables = runs.map(() => new InstrumentTable())
  }

  /** Takes an `instrument` or `station` record of a run. @param fromRelNs of the day; that of the record when left out */
  announce(run: number, view: DataView, start: number, fromRelNs = getI64(view, start + AT_RECV) + this.#shiftsNs[run]!): void {
    if (view.getUint8(start + AT_WIRE_ID) === station.wireId) return this.#station(run, view, start, fromRelNs < 0)
    if (view.getUint8(start + AT_WIRE_ID) !== instrument.wireId) return
    const record = decodeRecord(instrument, view, start)
    this.#tables[run]!.take(record)
    const facts = factsIn(record.text)
    const named = this.instruments[this.#numberOf(run, record.instrumentId, facts['token_id']) - 1]!
    named.tokenId = facts['token_id'] ?? named.tokenId
    named.marketId = facts['market_id'] ?? named.marketId
    named.name = facts['name'] ?? (named.announced ? named.name : named.tokenId)
    named.outcome = facts['outcome'] ?? named.outcome
    named.announced = true
    if (named.ticks.at(-1)?.tickE6 !== record.tickE6) named.ticks.push({ fromRelNs, tickE6: record.tickE6 })
  }

  /** Number of the day for a number of a run. */
  dayIdOf(run: number, id: number): number {
    if (id === 0) return 0
    return this.#byRun[run]!.get(id) ?? this.#numberOf(run, id, undefined)
  }

  /** Adds to a receive time of the run to make one of the day. */
  shiftOf(run: number): number {
    return this.#shiftsNs[run]!
  }

  tickOf(dayId: number, relNs: number): number {
    const ticks = this.instruments[dayId - 1]?.ticks
    return (ticks?.findLast(({ fromRelNs }) => fromRelNs <= relNs) ?? ticks?.[0])?.tickE6 ?? USUAL_TICK_E6
  }

  stationOf(run: number, id: number): string | undefined {
    return this.#tables[run]!.get(id)?.stationId
  }

  timeZoneOf(stationId: string): string | undefined {
    return this.#timeZones.get(stationId)
  }

  /** What the run itself calls its numbers. */
  tableOf(run: number): InstrumentTable {
    return this.#tables[run]!
  }

  #station(run: number, view: DataView, start: number, isEarly: boolean): void {
    const record = decodeRecord(station, view, start)
    this.#tables[run]!.take(record)
    const facts = factsIn(record.text)
    const stationId = facts['station_id'] ?? ''
    if (facts['time_zone'] !== undefined) this.#timeZones.set(stationId, facts['time_zone'])
    const known = this.stationIds.indexOf(stationId)
    const n = known >= 0 ? known : this.stationIds.push(stationId) - 1
    const instrumentId = STATION_BASE + 1 + n
    this.#byRun[run]!.set(record.instrumentId, instrumentId)
    if (isEarly) this.early.push(bytesOf(station, { ...record, instrumentId, recvRelNs: 0 }))
  }

  #numberOf(run: number, id: number, tokenId: string | undefined): number {
    const known = this.#byRun[run]!.get(id)
    if (known !== undefined) return known
    const key = tokenId === undefined ? `${run}/${id}` : `${this.#venues[run]!}/${tokenId}`
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = id >= STATION_BASE ? STATION_BASE + this.stationIds.push('') : this.instruments.length + 1
      this.#numbers.set(key, number)
      if (id < STATION_BASE)
        this.instruments.push({
          instrumentId: number,
          venue: this.#venues[run]!,
          tokenId: tokenId ?? '',
          marketId: '',
          name: `Instrument ${id}`,
          outcome: '',
          ticks: [],
          announced: false
        })
    }
    this.#byRun[run]!.set(id, number)
    return number
  }
}

function factsIn(text: string): Partial<Record<string, string>> {
  try {
    const facts = JSON.parse(text) as Record<string, unknown> | null
    return Object.fromEntries(Object.entries(facts ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return {}
  }
}

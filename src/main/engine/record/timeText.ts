import { isoMicros, ZoneClock } from '../../../shared/channels/eventTime.ts'
import type { TextBuffer } from './textBuffer.ts'

const ascii = new TextEncoder()
const NS_PER_SECOND = 1e9
/** Beyond this a sum with the part of a second would no longer be exact. */
const EXACT_NS = 2 ** 52

const newYork = new ZoneClock('America/New_York')
const madrid = new ZoneClock('Europe/Madrid')

/** Writes the times of the envelope, and knows the New York date under which a line is filed. Lines come in runs of the same second. */
export class TimeText {
  readonly #originSecond: bigint
  readonly #originRestNs: number
  readonly #originTsNs: bigint
  #second = NaN
  #iso: Uint8Array = new Uint8Array(0)
  #zones: Uint8Array = new Uint8Array(0)
  #date = ''
  #venueSecond = NaN
  #venueIso: Uint8Array = new Uint8Array(0)

  /** @param originTsNs nanoseconds since the Unix epoch of relNs 0 */
  constructor(originTsNs: bigint) {
    this.#originTsNs = originTsNs
    this.#originSecond = originTsNs / 1_000_000_000n
    this.#originRestNs = Number(originTsNs % 1_000_000_000n)
  }

  /** Appends `<iso>","ts_nyc":"…","ts_es":"…"`: all times of a line received at `relNs`. */
  received(out: TextBuffer, relNs: number): void {
    if (Math.abs(relNs) > EXACT_NS || this.#originTsNs < 0n) return this.#slow(out, relNs)
    const ns = relNs + this.#originRestNs
    const second = floorSecond(ns)
    if (second !== this.#second) this.#turn(second)
    out.put(this.#iso)
    out.padded(Math.floor((ns - second * NS_PER_SECOND) / 1000), 6)
    out.put(this.#zones)
  }

  /** Appends a venue's own time, given in ms since the Unix epoch. @returns false when no calendar has it; nothing is written then */
  venue(out: TextBuffer, ms: number): boolean {
    if (Math.abs(ms) > 8.64e15) return false
    const second = Math.floor(ms / 1000)
    if (second !== this.#venueSecond) {
      this.#venueIso = ascii.encode(isoMicros(BigInt(second) * 1_000_000_000n).slice(0, -12))
      this.#venueSecond = second
    }
    out.put(this.#venueIso)
    out.padded((ms - second * 1000) * 1000, 6)
    out.put(OFFSET)
    return true
  }

  /** The New York calendar date of an instant of the run, `YYYY-MM-DD`. */
  date(relNs: number): string {
    const second = floorSecond(relNs + this.#originRestNs)
    if (second !== this.#second) this.#turn(second)
    return this.#date
  }

  /** `YYYYMMDD_HHMMSS` in UTC. */
  stamp(relNs: number): string {
    const iso = isoMicros(this.#originTsNs + BigInt(relNs))
    return `${iso.slice(0, 10).replaceAll('-', '')}_${iso.slice(11, 19).replaceAll(':', '')}`
  }

  #turn(second: number): void {
    const tsNs = (this.#originSecond + BigInt(second)) * 1_000_000_000n
    const text = newYork.text(tsNs)
    this.#iso = ascii.encode(isoMicros(tsNs).slice(0, -12))
    this.#zones = ascii.encode(`+00:00","ts_nyc":"${text}","ts_es":"${madrid.text(tsNs)}"`)
    this.#date = text.slice(0, 10)
    this.#second = second
  }

  #slow(out: TextBuffer, relNs: number): void {
    const tsNs = this.#originTsNs + BigInt(relNs)
    out.text(`${isoMicros(tsNs)}","ts_nyc":"${newYork.text(tsNs)}","ts_es":"${madrid.text(tsNs)}"`)
  }
}

const OFFSET = ascii.encode('+00:00')

/** Whole seconds, rounded down; a quotient next to a whole number may come out as that number. */
function floorSecond(ns: number): number {
  let second = Math.floor(ns / NS_PER_SECOND)
  const rest = ns - second * NS_PER_SECOND
  if (rest < 0) second--
  else if (rest >= NS_PER_SECOND) second++
  return second
}

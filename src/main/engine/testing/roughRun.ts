import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunWriter } from '../importer/index.ts'
import { generatorSource, VenueTime } from '../practice/index.ts'
import { random } from './random.ts'
import { RoughWeather } from './roughWeather.ts'

export const ROUGH_T0_NS = 1_700_000_000_250_000_000n

export interface RoughRun {
  readonly venue: 'polymarket' | 'binance'
  readonly seed: number
  /** Default `rough-<seed>`. */
  readonly runId?: string
  readonly shards: number
  readonly markets: number
  readonly seconds: number
  readonly messagesPerSecond: number
  /** Leave the faults out. Default false. */
  readonly smooth?: boolean
  /** Wall time of its beginning, ns since the Unix epoch. Default ROUGH_T0_NS. */
  readonly t0Ns?: bigint
  /** With answers of weather services and notes of the user on shard 0. Default false. */
  readonly weather?: boolean
  /** A model beside the baseline publishes nowcasts, with `weather` only. Default false. */
  readonly outsideModel?: boolean
}

interface Face {
  readonly keys: readonly string[]
  openNote(keys: readonly string[]): object
  /** What the venue sends by itself after a subscription. */
  greeting(keys: readonly string[]): string | undefined
  rest(key: string): { kind: string; body: string }
}

/**
 * For tests: a bundle of a bad day, the same bytes for the same settings. Updates are left out, doubled and broken, connections are lost
 * and come back, the plant stands still for a while, full books come late or when nobody needs them.
 * @returns the folder
 */
export async function writeRoughRun(options: RoughRun): Promise<string> {
  const { venue, seed, shards, seconds, smooth = false, t0Ns = ROUGH_T0_NS } = options
  const chance = random(seed)
  const time = new VenueTime({ wallNs: () => t0Ns, monoNs: () => 0n })
  const source = generatorSource({ seed, markets: options.markets, messagesPerSecond: options.messagesPerSecond, venue }, time)
  const dir = join(mkdtempSync(join(tmpdir(), 'tapedeck-rough-')), 'run')
  const face = venue === 'binance' ? binanceFace(source) : polymarketFace(source)
  const writer = new RunWriter({
    dir,
    runId: options.runId ?? `rough-${seed}`,
    t0WallNs: t0Ns,
    shards,
    facts: { synthetic: true, venue, source: 'test' }
  })
  const plant = new Plant(writer, face, shards, smooth ? () => false : (share) => chance() < share)
  const sky =
    options.weather === true ? new RoughWeather(Number(t0Ns / 1_000_000n), random(seed + 1), options.outsideModel === true) : undefined
  const feed = source.feeds[0]!
  for (let shard = 0; shard < shards; shard++) plant.open(shard, 0)
  for (;;) {
    const at = await feed.peekNs()
    if (at === undefined || at > seconds * 1e9) break
    plant.housekeeping(at)
    sky?.until(
      at,
      (rest, body) => writer.rest(0, rest, body, at),
      (note) => writer.note(0, note, at)
    )
    feed.advance((frame) => plant.message(frame.keys, frame.content.kind === 'change', frame.render(), at))
  }
  for (let shard = 0; shard < shards; shard++)
    writer.note(shard, { note: 'conn_closed', venue, trigger: 'stop', code: 1000 }, seconds * 1e9)
  writer.close()
  return dir
}

/** The capture plant as far as it shows in the log. */
class Plant {
  readonly #w: RunWriter
  readonly #face: Face
  readonly #shards: number
  readonly #chance: (share: number) => boolean
  readonly #downUntil = new Map<number, number>()
  #nextTick = 0
  #nextRest = 300e6
  #restAt = 0
  /** The plant stands still: nothing is written before this time. */
  #stillUntil = 0

  constructor(writer: RunWriter, face: Face, shards: number, chance: (share: number) => boolean) {
    this.#w = writer
    this.#face = face
    this.#shards = shards
    this.#chance = chance
  }

  keysOf(shard: number): string[] {
    return this.#face.keys.filter((_, i) => i % this.#shards === shard)
  }

  open(shard: number, at: number): void {
    const keys = this.keysOf(shard)
    this.#w.note(shard, this.#face.openNote(keys), at)
    const greeting = this.#face.greeting(keys)
    if (greeting !== undefined) this.#w.message(shard, greeting, at)
  }

  housekeeping(at: number): void {
    if (at < this.#stillUntil) return
    for (; this.#nextTick <= at; this.#nextTick += 250e6)
      if (this.#nextTick >= this.#stillUntil) this.#w.note(0, { note: 'tick' }, this.#nextTick)
    if (this.#chance(0.0001)) this.#stillUntil = at + (this.#chance(0.5) ? 4e9 : 22e9)
    for (const [shard, until] of this.#downUntil) {
      if (at < until) continue
      this.#downUntil.delete(shard)
      this.open(shard, at)
    }
    if (at < this.#nextRest) return
    this.#nextRest = at + 100e6
    const shard = this.#restAt % this.#shards
    const keys = this.keysOf(shard)
    const key = keys[Math.floor(this.#restAt++ / this.#shards) % keys.length]
    if (key === undefined) return
    const { kind, body } = this.#face.rest(key)
    if (this.#chance(0.1)) this.#w.note(shard, { note: 'rest', kind, key, url: '', status: 500, body: false, error: 'x' }, at)
    else this.#w.rest(shard, { kind, key, url: '' }, body, at)
  }

  message(keys: readonly string[], change: boolean, text: string, at: number): void {
    if (at < this.#stillUntil) return
    const symbols = new Set(keys.map((key) => key.split('@')[0]!))
    for (let shard = 0; shard < this.#shards; shard++) {
      if (this.#downUntil.has(shard) || !this.keysOf(shard).some((key) => symbols.has(key.toLowerCase()) || symbols.has(key))) continue
      if (this.#chance(0.0003)) {
        this.#downUntil.set(shard, at + 3e9)
        this.#w.note(shard, { note: 'conn_closed', trigger: this.#chance(0.5) ? 'exception' : 'data_idle_timeout', code: 1006 }, at)
        continue
      }
      if (change && this.#chance(0.002)) continue
      this.#w.message(shard, this.#chance(0.002) ? text.slice(0, -3) : text, at)
      if (this.#chance(0.002)) this.#w.message(shard, text, at)
    }
  }
}

function binanceFace(source: ReturnType<typeof generatorSource>): Face {
  const face = source.binance!
  const streamsOf = (key: string): string[] => ['depth@100ms', 'trade', 'bookTicker'].map((name) => `${key.toLowerCase()}@${name}`)
  return {
    keys: face.symbols,
    openNote: (keys) => ({ note: 'conn_open', venue: 'binance', url: '', streams: keys.flatMap(streamsOf) }),
    greeting: () => undefined,
    rest: (key) => ({ kind: 'depth', body: face.depth(key, 1000) ?? '' })
  }
}

function polymarketFace(source: ReturnType<typeof generatorSource>): Face {
  const face = source.polymarket!
  return {
    keys: face.markets.flatMap((market) => market.listing.tokenIds),
    openNote: (tokens) => ({ note: 'conn_open', venue: 'polymarket', url: '', tokens }),
    greeting: (keys) => face.dump(keys),
    rest: (key) => ({ kind: 'book', body: face.book(key) ?? '' })
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunWriter } from '../importer/index.ts'
import { generatorSource, VenueTime } from '../practice/index.ts'

const T0_WALL_NS = 1_900_000_000_000_000_000n

export interface TestRun {
  readonly seed: number
  readonly venue: 'polymarket' | 'binance'
  readonly markets: number
  readonly messages: number
  readonly shards: number
  /** Connection 0 is lost at a third of the messages. */
  readonly withGap?: boolean
}

const made: string[] = []

/** For tests: a run bundle of generated messages, the same bytes each time. @returns its folder */
export async function makeRun(run: TestRun): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'tapedeck-runtime-'))
  made.push(root)
  const dir = join(root, 'run')
  const time = new VenueTime({ wallNs: () => T0_WALL_NS, monoNs: () => 0n })
  const source = generatorSource({ seed: run.seed, markets: run.markets, messagesPerSecond: 2000, venue: run.venue }, time)
  const feed = source.feeds[0]!
  const facts = { synthetic: true, venue: run.venue, source: 'test' } as const
  const writer = new RunWriter({ dir, runId: `test-${run.seed}`, t0WallNs: T0_WALL_NS, shards: run.shards, facts })
  const shardOf = begin(writer, run, source)
  for (let n = 0; n < run.messages;) {
    const atNs = Math.round((await feed.peekNs()) ?? 0) + 1000
    feed.advance((frame) => {
      writer.message(shardOf.get(frame.keys[0] ?? '') ?? 0, frame.render(), atNs)
      if (++n === Math.floor(run.messages / 3) && run.withGap === true)
        writer.note(0, { note: 'conn_closed', venue: run.venue, trigger: 'exception', code: 1006, reason: '' }, atNs + 1)
    })
  }
  writer.close()
  return dir
}

export function removeRuns(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
}

function begin(writer: RunWriter, run: TestRun, source: ReturnType<typeof generatorSource>): Map<string, number> {
  const shardOf = new Map<string, number>()
  const { polymarket, binance } = source
  polymarket?.markets.forEach((market, i) => market.listing.tokenIds.forEach((token) => shardOf.set(token, i % run.shards)))
  binance?.symbols.forEach((symbol, i) => shardOf.set(symbol, i % run.shards))
  for (let shard = 0; shard < run.shards; shard++) {
    const keys = [...shardOf].filter((entry) => entry[1] === shard).map((entry) => entry[0])
    if (polymarket !== undefined) {
      writer.note(shard, { note: 'conn_open', venue: 'polymarket', url: 'test', tokens: keys }, 0)
      writer.message(shard, polymarket.dump(keys), 1)
      continue
    }
    writer.note(
      shard,
      { note: 'conn_open', venue: 'binance', url: 'test', streams: keys.map((key) => `${key.toLowerCase()}@depth@100ms`) },
      0
    )
    for (const key of keys) writer.rest(shard, { kind: 'depth', key, url: 'test' }, binance?.depth(key, 1000) ?? '', 1)
  }
  return shardOf
}

import { existsSync, renameSync, rmSync } from 'node:fs'
import { RunWriter } from '../../src/main/engine/importer/index.ts'
import { generatorSource, VenueTime } from '../../src/main/engine/practice/index.ts'
import { inWorkFolder } from '../workFolder.ts'

/** What the generated bundle holds. Part of its folder name, so that another setting makes another bundle. */
export interface ReplayInput {
  readonly shards: number
  readonly markets: number
  readonly messagesPerSecond: number
  /** price_change frames; trades come on top */
  readonly changeFrames: number
  /** With the two whole books that the venue sends after every trade. Without, only those that a new price step asks for. */
  readonly booksAfterTrades: boolean
}

/** A busy minute: little but price changes. */
export const CHANGES_INPUT: ReplayInput = {
  shards: 8,
  markets: 200,
  messagesPerSecond: 20_000,
  changeFrames: 1_000_000,
  booksAfterTrades: false
}
/** All that the venue sends, at a quarter of the pace: every book is snapshotted and checked each second, whatever the pace. */
export const ALL_INPUT: ReplayInput = { ...CHANGES_INPUT, messagesPerSecond: 5000, changeFrames: 500_000, booksAfterTrades: true }

const TICK_NS = 250e6
const T0_WALL_NS = 1_900_000_000_000_000_000n
/** Processor time, so that a busy machine changes nothing. */
const LIMIT_SECONDS = 60

/**
 * A run bundle of generated Polymarket messages, made when it is not there yet.
 * Both tokens of a market are on one shard; venue time is virtual, so the bytes are the same on every machine.
 * @returns its folder
 * @throws Error when making it takes more than a minute of processor time
 */
export async function replayInput(input: ReplayInput, say: (line: string) => void): Promise<string> {
  const { shards, markets, messagesPerSecond, changeFrames, booksAfterTrades } = input
  const name = `replay-v2-${shards}x${markets}-${messagesPerSecond}-${changeFrames}-${booksAfterTrades ? 'all' : 'changes'}`
  const dir = inWorkFolder(name)
  if (existsSync(dir)) return dir
  const begunMs = performance.now()
  say(`making ${name} (once)`)
  const partial = `${dir}.partial`
  rmSync(partial, { recursive: true, force: true })
  await writeRun(partial, input)
  renameSync(partial, dir)
  say(`made in ${((performance.now() - begunMs) / 1000).toFixed(1)} s`)
  return dir
}

async function writeRun(dir: string, input: ReplayInput): Promise<void> {
  const { shards, markets, messagesPerSecond, changeFrames, booksAfterTrades } = input
  const time = new VenueTime({ wallNs: () => T0_WALL_NS, monoNs: () => 0n })
  const source = generatorSource({ seed: 7, markets, messagesPerSecond, venue: 'polymarket' }, time)
  const face = source.polymarket
  const feed = source.feeds[0]
  if (face === undefined || feed === undefined) throw new Error('the generator has no Polymarket side')
  const facts = { synthetic: true, venue: 'polymarket', source: 'Bench: generated markets' } as const
  const writer = new RunWriter({ dir, runId: 'bench', t0WallNs: T0_WALL_NS, shards, facts })
  const shardOfToken = new Map<string, number>()
  face.markets.forEach((market, i) => market.listing.tokenIds.forEach((token) => shardOfToken.set(token, i % shards)))
  for (let shard = 0; shard < shards; shard++) {
    const tokens = [...shardOfToken].filter((entry) => entry[1] === shard).map((entry) => entry[0])
    writer.note(shard, { note: 'conn_open', venue: 'polymarket', url: 'generator', tokens }, 0)
    writer.message(shard, face.dump(tokens), 1)
  }
  const begun = process.cpuUsage()
  let changes = 0
  let nextTickNs = 0
  while (changes < changeFrames) {
    const atNs = Math.round((await feed.peekNs()) ?? 0)
    for (; nextTickNs <= atNs; nextTickNs += TICK_NS) writer.note(0, { note: 'tick' }, nextTickNs)
    let priceStepMoved = false
    feed.advance((frame) => {
      if (frame.content.kind === 'other') priceStepMoved = true
      if (frame.content.kind === 'refresh' && !booksAfterTrades && !priceStepMoved) return
      writer.message(shardOfToken.get(frame.keys[0] ?? '') ?? 0, frame.render(), atNs)
      if (frame.content.kind === 'change') changes++
    })
    if (process.cpuUsage(begun).user > LIMIT_SECONDS * 1e6)
      throw new Error(`the input is not made within ${LIMIT_SECONDS} s of processor time; use --quick on a slow machine`)
  }
  writer.close()
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { FLAG_NOTE, FLAG_TEXT } from '../engine/bundle/index.ts'
import { benchFrameLog, type BenchRecord } from '../engine/inspect/index.ts'
import { generatorSource, VenueTime } from '../engine/practice/index.ts'
import { dataDirOf } from './dataDir.ts'
import { inspection } from './inspection.ts'

interface BenchFlags {
  readonly offline?: boolean
  readonly multiplier: number
  readonly runId?: string
  readonly dataDir?: string
}

/** One round: what 200 markets send in four busy seconds. The same on every machine. */
const MESSAGES = 20_000
const SETTINGS = { seed: 7, markets: 200, messagesPerSecond: 5000, venue: 'polymarket' } as const
const T0_WALL_NS = 1_900_000_000_000_000_000n

/** `tapedeck capture-bench --offline`: how fast the frame log takes generated messages, as one JSON line. Exit 2 without --offline. */
export function captureBenchCommand(): Command {
  return new Command('capture-bench')
    .description('write generated messages through the frame log as fast as it goes, and print rates and times as one JSON line')
    .option('--offline', 'required: messages come from a generator, not from a venue')
    .option('--no-offline', 'not supported')
    .option('--multiplier <n>', `rounds of ${MESSAGES} messages`, roundsOf, 1)
    .option('--run-id <id>', 'name of the run (default: chance)')
    .option('--data-dir <folder>', 'keep the run in runs/ of this folder (default: it is made in a temporary folder and removed)')
    .action(runBench)
}

async function runBench(flags: BenchFlags): Promise<void> {
  if (flags.offline !== true) throw new StudioError('USAGE', 'capture-bench measures without a venue: give --offline.')
  if (flags.runId !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(flags.runId))
    throw new StudioError('USAGE', `The run id is "${flags.runId}", but a name of letters, digits, dot, dash and underscore is expected.`)
  const dataDir = flags.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'tapedeck-capture-bench-')) : dataDirOf(flags.dataDir)
  try {
    const records = await generatedRecords()
    const { multiplier, runId } = flags
    const source = 'Bench: generated markets'
    const result = await inspection((options) =>
      benchFrameLog({ ...options, dataDir, runId, records, multiplier, venue: 'polymarket', source })
    )
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } finally {
    if (flags.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Made in virtual time beforehand, so that only the writing is measured. */
async function generatedRecords(): Promise<BenchRecord[]> {
  const source = generatorSource(SETTINGS, new VenueTime({ wallNs: () => T0_WALL_NS, monoNs: () => 0n }))
  const [feed] = source.feeds
  const face = source.polymarket
  if (feed === undefined || face === undefined) throw new Error('broken promise: the generator has a Polymarket side')
  const tokens = face.markets.flatMap((market) => market.listing.tokenIds)
  const note = JSON.stringify({ note: 'conn_open', venue: 'polymarket', url: 'generator', tokens })
  const records: BenchRecord[] = [
    { payload: Buffer.from(note), flags: FLAG_TEXT | FLAG_NOTE },
    { payload: Buffer.from(face.dump(tokens)), flags: FLAG_TEXT }
  ]
  while (records.length < MESSAGES) {
    if ((await feed.peekNs()) === undefined) break
    feed.advance((frame) => records.push({ payload: Buffer.from(frame.render()), flags: FLAG_TEXT }))
  }
  return records.slice(0, MESSAGES)
}

function roundsOf(text: string): number {
  const rounds = Number(text)
  if (!/^\d+$/.test(text) || rounds < 1 || rounds > 10_000) throw new InvalidArgumentError('Expected a whole number from 1 to 10000.')
  return rounds
}

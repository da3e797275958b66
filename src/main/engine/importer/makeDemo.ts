import { rmSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { StudioError } from '../../../shared/errors.ts'
import { generatorSource, VenueTime } from '../practice/index.ts'
import { RunWriter } from './runWriter.ts'
import { sealRun } from './sealRun.ts'

const TICK_NS = 250e6
const SNAPSHOT_AFTER_NS = 400e6
/** The demo shows what a gap looks like: updates of this stretch are left out, and a snapshot comes a while later. */
const GAP_AT = 0.55
const GAP_NS = 1.4e9
const RESYNC_AFTER_NS = 5e9

/** Steps between two looks at whether a signal came. */
const STEPS_BETWEEN_LOOKS = 1000

export interface DemoSettings {
  readonly dir: string
  readonly seed: number
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly t0WallNs: bigint
  readonly signal?: AbortSignal
}

/**
 * Makes a bundle from the practice venue's generator, in virtual time: equal settings give equal bytes.
 * @returns its fingerprint
 * @throws StudioError BUNDLE_EXISTS, ABORTED; nothing is left behind then
 */
export async function makeDemo(settings: DemoSettings): Promise<{ frames: number; fingerprint: string }> {
  const { dir, signal, seed, messagesPerSecond, t0WallNs } = settings
  const time = new VenueTime({ wallNs: () => t0WallNs, monoNs: () => 0n })
  const source = generatorSource({ seed, markets: 1, messagesPerSecond, venue: 'binance' }, time)
  const facts = { synthetic: true, venue: 'binance', source: `Demo: ${source.binance!.symbols[0]!}, synthetic` } as const
  const writer = new RunWriter({ dir, runId: 'demo', t0WallNs, shards: 1, facts })
  try {
    const frames = await writeDemo(writer, source, settings)
    writer.close()
    return { frames, fingerprint: await sealRun(dir, signal) }
  } catch (error) {
    writer.abandon()
    if (signal?.aborted !== true) throw error
    rmSync(dir, { recursive: true, force: true })
    throw new StudioError('ABORTED', 'Stopped before the end; nothing was kept.')
  }
}

/** @returns how many messages of the venue were written @throws AbortError at the signal */
async function writeDemo(
  writer: RunWriter,
  source: ReturnType<typeof generatorSource>,
  { seconds, signal }: DemoSettings
): Promise<number> {
  const face = source.binance!
  const symbol = face.symbols[0]!
  const streams = ['depth@100ms', 'trade'].map((name) => `${symbol.toLowerCase()}@${name}`)
  const endNs = seconds * 1e9
  const gapFrom = endNs * GAP_AT
  const snapshots = [SNAPSHOT_AFTER_NS, gapFrom + GAP_NS + RESYNC_AFTER_NS]
  let frames = 0
  let nextTick = 0
  writer.rest(0, { kind: 'exchange_info', key: symbol, url: '/api/v3/exchangeInfo' }, face.exchangeInfo([symbol]), 0)
  writer.note(0, { note: 'conn_open', venue: 'binance', url: 'generator', streams }, 0)
  for (let steps = 1; ; steps++) {
    if (steps % STEPS_BETWEEN_LOOKS === 0) await breathe()
    signal?.throwIfAborted()
    const at = await source.feeds[0]!.peekNs()
    if (at === undefined || at > endNs) break
    for (; nextTick <= at; nextTick += TICK_NS) writer.note(0, { note: 'tick' }, nextTick)
    if (snapshots[0] !== undefined && at >= snapshots[0]) {
      snapshots.shift()
      writer.rest(0, { kind: 'depth', key: symbol, url: `/api/v3/depth?symbol=${symbol}&limit=1000` }, face.depth(symbol, 1000) ?? '', at)
    }
    source.feeds[0]!.advance((frame) => {
      const missing = at >= gapFrom && at < gapFrom + GAP_NS && frame.content.kind === 'change'
      if (missing || !frame.keys.some((key) => streams.includes(key))) return
      writer.message(0, frame.render(), at)
      frames++
    })
  }
  writer.note(0, { note: 'conn_closed', venue: 'binance', trigger: 'stop' }, endNs)
  return frames
}

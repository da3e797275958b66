import { generatorSource, VenueTime } from '../practice/index.ts'
import { RunWriter } from './runWriter.ts'
import { sealRun } from './sealRun.ts'

const TICK_NS = 250e6
const SNAPSHOT_AFTER_NS = 400e6
/** The demo shows what a gap looks like: updates of this stretch are left out, and a snapshot comes a while later. */
const GAP_AT = 0.55
const GAP_NS = 1.4e9
const RESYNC_AFTER_NS = 5e9

export interface DemoSettings {
  readonly dir: string
  readonly seed: number
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly t0WallNs: bigint
}

/**
 * Makes a bundle from the practice venue's generator, in virtual time: equal settings give equal bytes.
 * @returns its fingerprint
 */
export async function makeDemo(settings: DemoSettings): Promise<{ frames: number; fingerprint: string }> {
  const time = new VenueTime({ wallNs: () => settings.t0WallNs, monoNs: () => 0n })
  const source = generatorSource({ seed: settings.seed, markets: 1, messagesPerSecond: settings.messagesPerSecond, venue: 'binance' }, time)
  const face = source.binance!
  const symbol = face.symbols[0]!
  const facts = { synthetic: true, venue: 'binance', source: `Demo: ${symbol}, synthetic` } as const
  const writer = new RunWriter({ dir: settings.dir, runId: 'demo', t0WallNs: settings.t0WallNs, shards: 1, facts })
  const streams = ['depth@100ms', 'trade'].map((name) => `${symbol.toLowerCase()}@${name}`)
  const endNs = settings.seconds * 1e9
  const gapFrom = endNs * GAP_AT
  const snapshots = [SNAPSHOT_AFTER_NS, gapFrom + GAP_NS + RESYNC_AFTER_NS]
  let frames = 0
  let nextTick = 0
  writer.rest(0, { kind: 'exchange_info', key: symbol, url: '/api/v3/exchangeInfo' }, face.exchangeInfo([symbol]), 0)
  writer.note(0, { note: 'conn_open', venue: 'binance', url: 'generator', streams }, 0)
  for (;;) {
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
  writer.close()
  return { frames, fingerprint: await sealRun(settings.dir) }
}

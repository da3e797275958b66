import { monitorEventLoopDelay } from 'node:perf_hooks'
import { FLAG_TEXT, HEADER_BYTES_V2, openBundle } from '../../src/main/engine/bundle/index.ts'
import { captureConfig, CapturePlant, type Disk } from '../../src/main/engine/capture/index.ts'
import type { CaptureEvent } from '../../src/main/engine/threads/captureMessages.ts'
import { same } from '../measure.ts'
import { inWorkFolder } from '../workFolder.ts'
import { changeTexts, tokenIds } from './marketMessages.ts'
import { SHARDS, startSender, type SenderLoad } from './startSender.ts'

export interface ScaleLoad extends SenderLoad {
  readonly fsyncIntervalSeconds: number
  readonly disk?: Disk
}

export interface ScaleRun {
  readonly runDir: string
  /** From the first change that was sent to the last one that was written. */
  readonly seconds: number
  /** Processor time of the plant's thread in that time. */
  readonly cpuSeconds: number
  /** How late the event loop came, 99th percentile. */
  readonly lagP99Ms: number
}

/** Longer than any run here, so that it cannot come into one. */
const NEVER_SECONDS = 600

/** The whole capture plant, eight connections, with the changes of so many markets at a steady pace. Ends when all are in the log. */
export async function plantAtScale(load: ScaleLoad): Promise<ScaleRun> {
  const sender = await startSender(load)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const wantedBytes = load.messages * (HEADER_BYTES_V2 + (changeTexts(tokenIds(2))[0]?.length ?? 0))
  let runDir = ''
  let bytes = 0
  let begun: { ms: number; cpu: NodeJS.CpuUsage; bytes: number } | undefined
  let run: Omit<ScaleRun, 'runDir'> | undefined
  void sender.ready.then(() => {
    delay.enable()
    begun = { ms: performance.now(), cpu: process.threadCpuUsage(), bytes }
    sender.begin()
  })
  const emit = (event: CaptureEvent): void => {
    if (event.kind === 'started') runDir = event.runDir
    if (event.kind === 'failed') throw new Error(event.failure.message)
    if (event.kind !== 'frames') return
    for (const part of event.parts) bytes += part.byteLength
    if (begun === undefined || run !== undefined || bytes - begun.bytes < wantedBytes) return
    const { user, system } = process.threadCpuUsage(begun.cpu)
    delay.disable()
    run = {
      seconds: (performance.now() - begun.ms) / 1000,
      cpuSeconds: (user + system) / 1e6,
      // The timer that measures comes after a millisecond by itself.
      lagP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 1)
    }
    // The last messages may still be on their way: notes are in the count of bytes too.
    setTimeout(() => plant.stop('stop'), 300)
  }
  const plant = new CapturePlant({ config: configOf(load, sender.url), emit, ...(load.disk !== undefined && { disk: load.disk }) })
  try {
    await plant.run()
  } finally {
    await sender.stop()
  }
  if (run === undefined) throw new Error('the run ended before all messages had come')
  return { runDir, ...run }
}

function configOf({ markets, fsyncIntervalSeconds }: ScaleLoad, url: string): ReturnType<typeof captureConfig> {
  return captureConfig({
    clobWsUrl: url,
    tokenIds: tokenIds(2 * markets),
    wsShards: SHARDS,
    dataDir: inWorkFolder('plant'),
    captureFsyncIntervalSeconds: fsyncIntervalSeconds,
    captureBackpressureFatalMs: 600_000,
    wsPingIntervalSeconds: NEVER_SECONDS,
    minFreeDiskGb: null
  })
}

/** Every change that was sent is in the bundle, on its connection, in order and unharmed, and each token has its book. @throws Error otherwise */
export async function checkScale(runDir: string, { markets, messages }: ScaleLoad): Promise<void> {
  const bundle = await openBundle(runDir)
  const { shards } = bundle.manifest.raw as { shards: { assignments: Record<string, { token_ids: string[] }> } }
  let books = 0
  let changes = 0
  for (const [shard, { token_ids: tokens }] of Object.entries(shards.assignments)) {
    const ring = changeTexts(tokens.toSorted())
    const reader = bundle.openReader(Number(shard), { onDamage: 'throw' })
    let n = 0
    while (reader.next()) {
      if (reader.flags !== FLAG_TEXT) continue
      const payload = reader.payload()
      if (payload[0] === 0x5b) books++
      else if (ring[n % ring.length]?.equals(payload) === true) n++
      else throw new Error(`change ${n} of shard ${shard} is not what was sent`)
    }
    reader.close()
    changes += n
  }
  bundle.close()
  same('changes in the log', changes, messages)
  same('first books in the log', books, 2 * markets)
}

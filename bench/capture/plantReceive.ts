import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { FLAG_TEXT, framesFileName, HEADER_BYTES_V2, openBundle } from '../../src/main/engine/bundle/index.ts'
import { captureConfig, CapturePlant, type Disk } from '../../src/main/engine/capture/index.ts'
import type { CaptureEvent } from '../../src/main/engine/threads/captureMessages.ts'
import { PAYLOAD_BYTES } from '../log/payloads.ts'
import { same, type Work } from '../measure.ts'
import { inWorkFolder } from '../workFolder.ts'

export interface PlantRun extends Work {
  readonly runDir: string
}

export interface PlantSettings {
  readonly url: string
  readonly messages: number
  readonly fsyncIntervalSeconds: number
  readonly disk?: Disk
}

/** The whole capture plant on one connection, from the socket to records written to the log. Ends when all messages are in it. */
export async function plantReceive({ url, messages, fsyncIntervalSeconds, disk }: PlantSettings): Promise<PlantRun> {
  const wantedBytes = messages * (HEADER_BYTES_V2 + PAYLOAD_BYTES)
  let runDir = ''
  let begun = 0
  let ended = 0
  let bytes = 0
  const emit = (event: CaptureEvent): void => {
    if (event.kind === 'started') runDir = event.runDir
    if (event.kind === 'shardState' && event.state === 'open') begun = performance.now()
    if (event.kind === 'failed') throw new Error(event.failure.message)
    if (event.kind !== 'frames') return
    for (const part of event.parts) bytes += part.byteLength
    if (bytes < wantedBytes || ended > 0) return
    ended = performance.now()
    // The last messages of the flood may still be on their way: notes are in the count of bytes too.
    setTimeout(() => plant.stop('stop'), 300)
  }
  const config = captureConfig({
    clobWsUrl: url,
    tokenIds: ['1'],
    wsShards: 1,
    dataDir: inWorkFolder('plant'),
    captureFsyncIntervalSeconds: fsyncIntervalSeconds,
    wsPingIntervalSeconds: 600,
    minFreeDiskGb: null
  })
  const plant = new CapturePlant({ config, emit, ...(disk === undefined ? {} : { disk }) })
  await plant.run()
  return { count: messages, seconds: (ended - begun) / 1000, runDir }
}

/** Every message is in the bundle, in order and unharmed. @throws Error otherwise */
export async function checkRun(runDir: string, payloads: readonly Buffer[], messages: number): Promise<void> {
  const bundle = await openBundle(runDir)
  const reader = bundle.openReader(0, { onDamage: 'throw' })
  let n = 0
  while (reader.next()) {
    if (reader.flags !== FLAG_TEXT) continue
    if (!reader.payload().equals(payloads[n % payloads.length]!)) throw new Error(`message ${n} is not what was sent`)
    n++
  }
  reader.close()
  bundle.close()
  same('messages in the log', n, messages)
}

export function removeRun(runDir: string): void {
  rmSync(runDir, { recursive: true, force: true })
}

export function framesPath(runDir: string, shard: number): string {
  return join(runDir, 'capture', framesFileName(shard))
}

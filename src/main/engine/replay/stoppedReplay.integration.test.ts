import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeRoughRun } from '../testing/roughRun.ts'
import { playRun } from './playRun.ts'
import { replayReport, type ReplayReportOptions } from './replayReport.ts'

let dir = ''
beforeAll(async () => {
  dir = await writeRoughRun({ venue: 'binance', seed: 5, shards: 1, markets: 1, seconds: 4, messagesPerSecond: 50 })
})
afterAll(() => rmSync(dirname(dir), { recursive: true }))

/** Stops as soon as something has been played. */
function stopping(): ReplayReportOptions {
  const abort = new AbortController()
  return { signal: abort.signal, onProgress: (share) => (share > 0 ? abort.abort() : undefined) }
}
const sentence = {
  code: 'ABORTED',
  message: expect.stringMatching(/^Stopped before the end, after [1-9]\d* frames; nothing was compared\.$/)
}

test('a replay as fast as possible that is stopped says how far it came', async () => {
  await expect(replayReport(dir, { ...stopping(), sliceFrames: 20 })).rejects.toMatchObject(sentence)
})

test('a replay at a pace that is stopped says how far it came', async () => {
  let nowNs = 0n
  const sleep = (ms: number): Promise<void> => {
    nowNs += BigInt(Math.ceil((ms + 1) * 1e6))
    return new Promise((resolve) => setImmediate(resolve))
  }
  await expect(playRun(dir, { ...stopping(), speed: 1, clock: { monoNs: () => nowNs }, sleep })).rejects.toMatchObject(sentence)
})

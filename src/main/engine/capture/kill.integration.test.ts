import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FrameReader, openBundle, verifyRun } from '../bundle/index.ts'
import { startNumberedVenue, type NumberedVenue } from './testNumberedVenue.ts'

const child = fileURLToPath(new URL('./testCaptureChild.ts', import.meta.url))
const SHARDS = 3
const KILLS = 20

/** Small and repeatable, so that a failure can be run again. */
function randomMoments(count: number): number[] {
  let state = 20_240_809
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 40 + (state / 2 ** 32) * 400
  })
}

interface Killed {
  readonly dir: string
  /** Bytes per shard that the last complete heartbeat called synced. */
  readonly acknowledged: Readonly<Record<string, number>>
}

/** Starts a capture, waits for its first acknowledgement and a random time more, and kills it with no chance to say anything. */
async function captureAndKill(venue: NumberedVenue, afterMs: number): Promise<Killed> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-kill-'))
  const settings = {
    dataDir,
    clobWsUrl: `ws://${venue.url}`,
    tokenIds: venue.tokens,
    wsShards: SHARDS,
    captureHeartbeatIntervalSeconds: 0.05,
    captureFsyncIntervalSeconds: 0.05,
    minFreeDiskGb: null
  }
  const process_ = spawn(process.execPath, [child, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  await new Promise<void>((resolve, reject) => {
    process_.stdout.on('data', (data: Buffer) => {
      text += data.toString()
      if (/"synced_bytes":\{"0":[1-9]/.test(text)) setTimeout(resolve, afterMs)
    })
    process_.once('exit', () => reject(new Error(`the capture ended by itself: ${text.slice(-500)}`)))
    process_.once('error', reject)
  })
  const exited = new Promise((resolve) => process_.once('close', resolve))
  process_.kill('SIGKILL')
  await exited
  const runs = join(dataDir, 'runs')
  const last = text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1) ?? '{}'
  return {
    dir: join(runs, readdirSync(runs)[0] ?? ''),
    acknowledged: (JSON.parse(last) as { synced_bytes: Record<string, number> }).synced_bytes
  }
}

/** Numbers of the frames in the first bytes of a log, read strictly: any fault throws. */
function strictNumbers(path: string, bytes: number): number[] {
  const reader = new FrameReader({ path, shard: 0, t0MonoNs: 0n, t0WallNs: 0n, endOffset: bytes })
  const numbers: number[] = []
  while (reader.next()) {
    const found = /^\{"n":(\d+),/.exec(reader.payload().toString())
    if (found !== null) numbers.push(Number(found[1]))
  }
  reader.close()
  return numbers
}

async function checkKilled({ dir, acknowledged }: Killed): Promise<number> {
  const sizes = Object.keys(acknowledged).map((shard) => statSync(join(dir, 'capture', `shard_0${shard}.frames`)).size)
  const before = verifyRun(dir)
  const bundle = await openBundle(dir)
  expect(bundle.verdict.state).toBe('recovered')
  expect(bundle.verdict.damage).toEqual([])
  expect(bundle.verdict.sentence).toMatch(/not stopped cleanly/)
  let total = 0
  for (const log of bundle.shards) {
    const summary = before.summaries[log.shard]
    expect(log.validBytes).toBe(summary?.valid_prefix_bytes)
    expect(log.validBytes).toBeGreaterThanOrEqual(acknowledged[String(log.shard)] ?? 0)
    expect(sizes[log.shard]).toBe(log.validBytes + (bundle.verdict.lost.find((lost) => lost.shard === log.shard)?.droppedBytes ?? 0))
    const numbers = strictNumbers(log.framesPath, log.validBytes)
    // One connection numbers its frames from 0: what is kept has no hole.
    expect(numbers).toEqual(numbers.map((_, i) => i))
    total += numbers.length
    const reader = bundle.openReader(log.shard)
    let records = 0
    while (reader.next()) records += 1
    reader.close()
    expect(records).toBe(log.records)
  }
  bundle.close()
  const after = verifyRun(dir)
  expect(after.totals.idx_bad_shards.filter((path) => !after.totals.truncated_shards.includes(path))).toEqual([])
  expect(readFileSync(join(dir, 'runlog.ndjson'), 'utf8')).not.toContain('capture_stop')
  return total
}

test(`after kill -9 at ${KILLS} random moments every acknowledged byte is there and verifies, and the loss is stated`, async () => {
  const venue = await startNumberedVenue({ tokens: 12, framesPerSecond: 20_000 })
  try {
    let frames = 0
    for (const moment of randomMoments(KILLS)) frames += await checkKilled(await captureAndKill(venue, moment))
    expect(frames).toBeGreaterThan(KILLS * 100)
    process.stdout.write(`kill -9: ${KILLS} runs, ${frames} frames kept and checked\n`)
  } finally {
    await venue.close()
  }
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openBundle, parseBigJson, verifyRun, verifyShard } from '../bundle/index.ts'
import { hostClock, type Clock } from '../clock.ts'
import { startPracticeVenue } from '../practice/index.ts'
import { hostDisk, type Disk } from './logFile.ts'
import type { CapturePlantOptions } from './plantOptions.ts'
import { startNumberedVenue, type NumberedVenueOptions } from './testNumberedVenue.ts'
import { startPlant, venueConfig, type RunningPlant } from './testPlant.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

type Fault = 'write' | 'sync' | 'hang'

/** A disk that from a moment on refuses one kind of file. */
function failingDisk(part: string, fault: Fault, code: string): Disk & { fail: boolean } {
  const paths = new Map<number, string>()
  const hit = (fd: number): boolean => disk.fail && (paths.get(fd) ?? '').includes(part)
  const refused = (): Error => Object.assign(new Error(`${code}: refused`), { code })
  const disk = {
    ...hostDisk,
    fail: false,
    create: (path: string): number => {
      const fd = hostDisk.create(path)
      paths.set(fd, path)
      return fd
    },
    append: (fd: number, bytes: Uint8Array, from: number): number => {
      if (fault === 'write' && hit(fd)) throw refused()
      return hostDisk.append(fd, bytes, from)
    },
    sync: (fd: number): Promise<void> => {
      if (!hit(fd) || fault === 'write') return hostDisk.sync(fd)
      return fault === 'sync' ? Promise.reject(refused()) : new Promise(() => undefined)
    }
  }
  return disk
}

interface Setup {
  readonly settings?: Record<string, unknown>
  readonly disk?: Disk
  readonly more?: Partial<CapturePlantOptions>
  readonly venue?: Partial<NumberedVenueOptions>
}

async function start({ settings = {}, disk, more, venue }: Setup): Promise<RunningPlant> {
  const numbered = await startNumberedVenue({ tokens: 4, framesPerSecond: 2000, ...venue })
  open.push(() => numbered.close())
  const running = startPlant({ clobWsUrl: `ws://${numbered.url}`, tokenIds: numbered.tokens, wsShards: 2, ...settings }, disk, more)
  open.push(async () => {
    running.plant.stop('test over')
    await running.done
  })
  return running
}

const json = (running: RunningPlant, name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(running.dir(), name), 'utf8')) as Record<string, unknown>

/** Every file that a run leaves when it had to end, for this reason and no other. @returns names of the files with the newest records */
function checkLastWords(running: RunningPlant, reason: string): string[] {
  expect(json(running, 'fatal.json')).toMatchObject({
    fatal_reason: reason,
    fatal_message: expect.stringMatching(/^[A-Z].{40}/s) as string
  })
  expect(running.runlog('fatal').map((record) => record['fatal_reason'])).toEqual([reason])
  expect(json(running, 'missing_tokens.json')).toMatchObject({ reason, global_missing: [] })
  const rings = readdirSync(running.dir()).filter((name) => name.startsWith('last_frames_'))
  for (const name of rings) expect(verifyShard(join(running.dir(), name))).toMatchObject({ ok: true })
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: false, reason })
  expect(running.events.find((event) => event.kind === 'failed')?.failure.message).toBe(json(running, 'fatal.json')['fatal_message'])
  return rings
}

const RINGS = ['last_frames_shard_00.bin', 'last_frames_shard_01.bin']

test('LOW_DISK: the reason is written in the space that was kept for it', async () => {
  const disk = failingDisk('.frames', 'write', 'ENOSPC')
  const running = await start({ disk })
  await running.until('heartbeat')
  disk.fail = true
  await running.done
  expect(checkLastWords(running, 'LOW_DISK')).toEqual([])
})

test('FRAME_WRITER_ERROR: what could not be written is counted as lost, and only what is written is called recorded', async () => {
  const disk = failingDisk('.frames', 'write', 'EIO')
  const running = await start({ disk })
  await running.until('heartbeat')
  disk.fail = true
  await running.done
  expect(checkLastWords(running, 'FRAME_WRITER_ERROR')).toEqual(RINGS)
  expect(json(running, 'fatal.json')).toMatchObject({ first_error_code: 'EIO' })
  const [stop] = running.runlog('capture_stop')
  expect(stop).toMatchObject({ quality_status: 'degraded', quality_reasons: ['frame_write_queue_pressure_events'] })
  expect(Number(stop?.['dropped_messages_total'])).toBeGreaterThan(0)
  expect(stop?.['loss_total']).toBe(stop?.['loss_frame_write_queue_pressure_events'])
  expect(Number(stop?.['loss_total'])).toBeGreaterThan(0)
  const bundle = await openBundle(running.dir())
  expect(running.events.at(-1)).toMatchObject({ frames: bundle.shards.reduce((sum, log) => sum + log.records, 0) })
  bundle.close()
  const last = parseBigJson(
    readFileSync(join(running.dir(), 'metrics', 'global.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .at(-1) ?? ''
  )
  expect(last).toMatchObject({ dropped_messages_total: stop?.['dropped_messages_total'] })
})

test('RUNLOG_FAILURE: a run log that cannot be written ends the run', async () => {
  const disk = failingDisk('runlog', 'write', 'EIO')
  const running = await start({ disk })
  await running.until('heartbeat')
  disk.fail = true
  await running.done
  expect(json(running, 'fatal.json')).toMatchObject({ fatal_reason: 'RUNLOG_FAILURE', recent_heartbeats: expect.any(Array) as unknown[] })
  expect(verifyRun(running.dir()).ok).toBe(true)
})

test('metrics that cannot be written end nothing: they are counted and said', async () => {
  const disk = failingDisk('metrics', 'write', 'EIO')
  const running = await start({ disk })
  await running.until('heartbeat')
  disk.fail = true
  await expect.poll(() => running.runlog('metrics_writer_error').length, { timeout: 10_000 }).toBeGreaterThan(1)
  running.plant.stop('stop')
  await running.done
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: true, reason: 'stop' })
  expect(running.runlog('capture_stop')).toMatchObject([{ quality_ok: false, quality_reasons: ['metrics_drops'] }])
})

test('LATENCY_FATAL: a disk that does not confirm ends the run, and is not waited for', async () => {
  const disk = failingDisk('.frames', 'hang', '')
  const running = await start({ disk, more: { maxUnsyncedSeconds: 0.5 } })
  await running.until('heartbeat')
  disk.fail = true
  await running.done
  expect(checkLastWords(running, 'LATENCY_FATAL')).toEqual(RINGS)
})

test('BACKPRESSURE_STALL: three heartbeats in a row with too long a way to the log', async () => {
  const running = await start({ settings: { captureBackpressureFatalMs: 1 } })
  await running.done
  expect(checkLastWords(running, 'BACKPRESSURE_STALL')).toEqual(RINGS)
  const beats = json(running, 'fatal.json')['recent_heartbeats'] as { backpressure_ns_p99: number }[]
  expect(beats.length).toBeGreaterThanOrEqual(3)
  for (const { backpressure_ns_p99: ns } of beats.slice(-3)) expect(ns).toBeGreaterThan(1e6)
})

test('SUBSCRIBE_CONFIRM_FAIL: the connections and their marks are told', async () => {
  const running = await start({
    settings: { captureConfirmTimeoutSeconds: 1, captureConfirmMaxFailures: 1 },
    venue: { accepts: () => false }
  })
  await running.done
  checkLastWords(running, 'SUBSCRIBE_CONFIRM_FAIL')
  const shards = Object.values(json(running, 'missing_tokens.json')['per_shard'] as Record<string, Record<string, unknown>>)
  expect(shards.flatMap((shard) => shard['confirm_token_ids'])).toHaveLength(4)
  expect(shards.every((shard) => shard['confirmed'] === false && (shard['recent_headers'] as unknown[]).length > 0)).toBe(true)
})

test('RECONNECT_STORM: one loss too many', async () => {
  const venue = await startNumberedVenue({ tokens: 1, framesPerSecond: 100 })
  const running = startPlant({ clobWsUrl: `ws://${venue.url}`, tokenIds: venue.tokens, wsShards: 1, wsReconnectMax: 1 })
  await running.until('shardState', (event) => event.state === 'open')
  await venue.close()
  await running.done
  expect(checkLastWords(running, 'RECONNECT_STORM')).toEqual(['last_frames_shard_00.bin'])
  // The loss that was one too many is on record like those before it.
  expect(running.runlog('reconnect')).toMatchObject([
    { reconnects: 1, trigger: 'exception' },
    { reconnects: 2, trigger: 'exception' }
  ])
  expect(json(running, 'fatal.json')['fatal_message']).toContain('lost its connection 2 times; 1 reconnects')
})

test('MONO_TIME_QUANTIZED: a clock of whole milliseconds is refused before anything is recorded', async () => {
  const clock: Clock = { wallNs: hostClock.wallNs, monoNs: () => (hostClock.monoNs() / 1_000_000n) * 1_000_000n }
  const running = await start({ more: { clock } })
  await running.done
  checkLastWords(running, 'MONO_TIME_QUANTIZED')
  expect(running.runlog('monotonic_precision')).toMatchObject([{ ok: false, any_non_ms: false, reason: 'whole milliseconds only' }])
})

test('INTERNAL_ASSERT: a fault of our own ends the run with everything on disk', async () => {
  const running = await start({})
  await running.until('heartbeat')
  running.plant.broken(new TypeError('never'))
  await running.done
  expect(checkLastWords(running, 'INTERNAL_ASSERT')).toEqual(RINGS)
  expect(json(running, 'fatal.json')).toMatchObject({ first_error_type: 'TypeError', first_error_message: 'never' })
  expect(verifyRun(running.dir()).ok).toBe(true)
})

test('CHURN_GUARD_SUSTAINED: a list that stays beyond belief ends the run', async () => {
  const source = { kind: 'generator', seed: 7, markets: 20, messagesPerSecond: 200, venue: 'polymarket' } as const
  const venue = await startPracticeVenue({ source })
  open.push(() => venue.close())
  const guard = { captureUniverseRefreshIntervalSeconds: 0.2, captureUniverseRefreshMaxIntervalSeconds: 0.2 }
  const running = startPlant({ ...venueConfig(venue), ...guard, wsShards: 2, captureUniverseRefreshChurnGuardConsecutiveFatal: 3 })
  await running.until('shardState', (event) => event.state === 'open')
  venue.inject({ kind: 'relist', remove: 10 })
  await running.done
  expect(checkLastWords(running, 'CHURN_GUARD_SUSTAINED')).toEqual(RINGS)
  expect(
    running
      .runlog('universe_refresh')
      .map((record) => record['reason'])
      .slice(-3)
  ).toEqual(['CHURN_GUARD', 'CHURN_GUARD', 'CHURN_GUARD'])
})

test('a run that ends well leaves none of these files', async () => {
  const running = await start({ settings: { durationSeconds: 0.5 } })
  await running.done
  for (const name of ['fatal.json', 'missing_tokens.json', ...RINGS]) expect(existsSync(join(running.dir(), name))).toBe(false)
  expect(running.runlog('monotonic_precision')).toMatchObject([{ sample_count: 200, any_non_ms: true, ok: true }])
  expect(json(running, 'manifest.json')['git_commit'] ?? 'unknown').toMatch(/^([0-9a-f]{40}|unknown)$/)
})

test('newest records: as many as the settings say, in the form of the log', async () => {
  const running = await start({ settings: { captureRingBufferFrames: 10, wsShards: 1 } })
  await running.until('heartbeat')
  running.plant.broken(new Error('now'))
  await running.done
  for (const name of checkLastWords(running, 'INTERNAL_ASSERT')) {
    const ring = readFileSync(join(running.dir(), name))
    const log = readFileSync(join(running.dir(), 'capture', name.replace('last_frames_', '').replace('.bin', '.frames')))
    expect(log.includes(ring)).toBe(true)
    expect(verifyShard(join(running.dir(), name)).records).toBe(10)
  }
})

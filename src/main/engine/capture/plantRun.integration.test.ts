import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openBundle, verifyRun } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import type { TapeReport } from '../threads/captureMessages.ts'
import { hostDisk, type Disk } from './logFile.ts'
import type { CapturePlantOptions } from './plantOptions.ts'
import { startNumberedVenue, type NumberedVenue, type NumberedVenueOptions } from './testNumberedVenue.ts'
import { startPlant, type RunningPlant } from './testPlant.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function venueWith(options: Partial<NumberedVenueOptions> = {}): Promise<NumberedVenue> {
  const venue = await startNumberedVenue({ tokens: 4, framesPerSecond: 2000, ...options })
  open.push(() => venue.close())
  return venue
}

function start(
  venue: NumberedVenue,
  settings: Record<string, unknown>,
  disk?: Disk,
  more: Partial<CapturePlantOptions> = {}
): RunningPlant {
  const running = startPlant({ clobWsUrl: `ws://${venue.url}`, tokenIds: venue.tokens, wsShards: 1, ...settings }, disk, more)
  open.push(async () => {
    running.plant.stop('test over')
    await running.done
  })
  return running
}

const bytesTold = (running: RunningPlant): number =>
  running.events.reduce(
    (sum, event) => sum + (event.kind === 'frames' ? event.parts.reduce((part, { byteLength }) => part + byteLength, 0) : 0),
    0
  )

test('the bytes told to the tape are the bytes in the log, sent along within the credit and by place without it', async () => {
  const venue = await venueWith()
  const running = start(venue, { durationSeconds: 2 })
  await running.until('started')
  running.plant.grantCredit(20_000)
  await running.done
  const log = readFileSync(join(running.dir(), 'capture', 'shard_00.frames'))
  let sentAlong = 0
  let byPlace = 0
  let next = 0
  for (const event of running.events) {
    if (event.kind !== 'frames') continue
    for (const part of event.parts) {
      expect(part.fileOffset).toBe(next)
      next += part.byteLength
      if (part.bytes === undefined) byPlace += part.byteLength
      else {
        sentAlong += part.byteLength
        expect(Buffer.from(part.bytes).equals(log.subarray(part.fileOffset, part.fileOffset + part.byteLength))).toBe(true)
      }
    }
  }
  expect(sentAlong).toBeGreaterThan(0)
  expect(sentAlong).toBeLessThanOrEqual(20_000)
  expect(byPlace).toBeGreaterThan(0)
  expect(next).toBe(log.length)
})

test('a subscription form that the venue ignores is followed by the next one, and the good one is kept', async () => {
  const venue = await venueWith({ accepts: (message) => message['type'] === 'MARKET' })
  const running = start(venue, { captureConfirmTimeoutSeconds: 1 })
  await expect.poll(() => running.runlog('subscribe_confirm_success').length, { timeout: 10_000 }).toBe(1)
  expect(running.runlog('subscribe_attempt').map((record) => record['variant'])).toEqual(['A', 'B'])
  expect(running.runlog('subscribe_confirm_fail')).toMatchObject([{ variant: 'A', confirm_events_seen: 0 }])
  expect(running.runlog('reconnect')).toMatchObject([{ trigger: 'confirm_timeout', reconnects: 1 }])
})

test('where no message is asked for, a connection that stands is confirmed', async () => {
  const venue = await venueWith({ accepts: () => false })
  const running = start(venue, { captureConfirmMinEvents: 0, captureConfirmTimeoutSeconds: 1, durationSeconds: 4 })
  await running.done
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', reason: 'duration', ok: true })
  expect(running.runlog('subscribe_confirm_success')).toMatchObject([{ confirm_events_seen: 0, variant: 'A' }])
  expect(running.runlog('subscribe_confirm_fail')).toEqual([])
})

test('a venue that never confirms ends the run with a reason', async () => {
  const venue = await venueWith({ accepts: () => false })
  const running = start(venue, { captureConfirmTimeoutSeconds: 0.15, captureConfirmMaxFailures: 2 })
  await running.done
  expect(JSON.parse(readFileSync(join(running.dir(), 'fatal.json'), 'utf8'))).toMatchObject({ fatal_reason: 'SUBSCRIBE_CONFIRM_FAIL' })
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: false, reason: 'SUBSCRIBE_CONFIRM_FAIL' })
})

test('data that stops while the connection lives is told as silent and then ends it', async () => {
  let quiet = false
  const venue = await venueWith({ framesPerSecond: 1000, accepts: () => !quiet })
  const running = start(venue, { wsDataIdleReconnectSeconds: 3, captureConfirmTimeoutSeconds: 20 })
  await running.until('shardState', (event) => event.state === 'open')
  quiet = true
  venue.hush()
  await running.until('shardState', (event) => event.state === 'silent')
  await expect
    .poll(() => running.runlog('reconnect').map((record) => record['trigger']), { timeout: 10_000 })
    .toContain('data_idle_timeout')
})

/** A disk that refuses from a moment on. */
function failingDisk(fault: { write?: string; sync?: string }): Disk & { fail: boolean } {
  const disk = {
    ...hostDisk,
    fail: false,
    append: (fd: number, bytes: Uint8Array, from: number): number => {
      if (!disk.fail || fault.write === undefined) return hostDisk.append(fd, bytes, from)
      // As a real disk does when it fills up: a part goes in, then nothing.
      if (bytes.length - from > 100) return hostDisk.append(fd, bytes.subarray(0, from + 50), from)
      throw Object.assign(new Error(`${fault.write}: refused`), { code: fault.write })
    },
    sync: (fd: number): Promise<void> =>
      disk.fail && fault.sync !== undefined
        ? Promise.reject(Object.assign(new Error('sync refused'), { code: fault.sync }))
        : hostDisk.sync(fd)
  }
  return disk
}

test('a full disk ends the run in order: what was told is whole in the log, and the reason is said', async () => {
  const venue = await venueWith()
  const disk = failingDisk({ write: 'ENOSPC' })
  const running = start(venue, {}, disk)
  await running.until('heartbeat')
  disk.fail = true
  await running.done
  const failed = running.events.find((event) => event.kind === 'failed')
  expect(failed?.failure).toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('Everything acknowledged before is kept') as string
  })
  expect(JSON.parse(readFileSync(join(running.dir(), 'fatal.json'), 'utf8'))).toMatchObject({ fatal_reason: 'LOW_DISK' })
  const bundle = await openBundle(running.dir())
  expect(bundle.verdict.lost).toEqual([])
  expect(bundle.shards[0]?.validBytes).toBe(bytesTold(running))
  expect(verifyRun(running.dir()).ok).toBe(true)
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: false, reason: 'LOW_DISK' })
})

test('a failed sync ends the run at once: nothing more is acknowledged', async () => {
  const venue = await venueWith()
  const disk = failingDisk({ sync: 'EIO' })
  const running = start(venue, {}, disk)
  await running.until('heartbeat', (event) => /"synced_bytes":\{"0":[1-9]/.test(event.json))
  disk.fail = true
  await running.done
  const synced = running.events.flatMap((event) =>
    event.kind === 'heartbeat' ? [(JSON.parse(event.json) as { synced_bytes: { 0: number } }).synced_bytes[0]] : []
  )
  expect(JSON.parse(readFileSync(join(running.dir(), 'fatal.json'), 'utf8'))).toMatchObject({ fatal_reason: 'FRAME_WRITER_ERROR' })
  expect(running.events.find((event) => event.kind === 'failed')?.failure.message).toContain('could not confirm that the recording is safe')
  expect(synced.at(-1)).toBeLessThan(bytesTold(running))
})

test('a run id that is taken is refused and nothing is overwritten', async () => {
  const venue = await venueWith()
  const first = start(venue, { runId: 'once', durationSeconds: 0.2 })
  await first.done
  const dataDir = join(first.dir(), '..', '..')
  const before = readFileSync(join(first.dir(), 'manifest.json'))
  const second = start(venue, { runId: 'once', dataDir })
  await second.done
  expect(second.events).toMatchObject([{ kind: 'failed', failure: { code: 'BUNDLE_EXISTS' } }])
  expect(readFileSync(join(first.dir(), 'manifest.json')).equals(before)).toBe(true)
})

test('too little free space is refused before anything is written', async () => {
  const venue = await venueWith()
  const running = start(venue, { minFreeDiskGb: 1_000_000 })
  await running.done
  expect(running.events).toMatchObject([
    { kind: 'failed', failure: { code: 'DISK_FULL', message: expect.stringContaining('min_free_disk_gb') as string } }
  ])
})

test('stopping at once, and twice, ends cleanly', async () => {
  const venue = await venueWith()
  const running = start(venue, {})
  running.plant.stop('SIGINT')
  running.plant.stop('SIGTERM')
  await running.done
  await sleep(10)
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', reason: 'SIGINT', ok: true })
  expect((await openBundle(running.dir())).verdict.state).toBe('ended')
})

test('a thread that stood still once is seen in one heartbeat, and the run goes on', async () => {
  const venue = await venueWith({ framesPerSecond: 20 })
  const STILL_NS = 100_000_000_000n
  let stoodStillNs = 0n
  const clock = { wallNs: () => hostClock.wallNs() + stoodStillNs, monoNs: () => hostClock.monoNs() + stoodStillNs }
  const patient = { captureConfirmTimeoutSeconds: 3600, wsPingTimeoutSeconds: 600, wsDataIdleReconnectSeconds: 86_400 }
  const settings = { ...patient, captureBackpressureFatalMs: 60_000, durationSeconds: 4 }
  const running = start(venue, settings, undefined, { clock, maxUnsyncedSeconds: 1000 })
  await running.until('heartbeat')
  // A record was stamped in this very turn of the loop, and is written in a later one.
  running.plant.markMoment('the clock moves on now')
  stoodStillNs = STILL_NS
  await running.done
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', reason: 'duration', ok: true })
  const beats = (name: string): number[] =>
    readFileSync(join(running.dir(), 'metrics', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { backpressure_ns_p99: number }).backpressure_ns_p99)
  for (const name of ['global.ndjson', 'shard_00.ndjson']) {
    expect(beats(name).length).toBeGreaterThan(6)
    expect(beats(name).filter((ns) => ns >= STILL_NS)).toHaveLength(1)
  }
})

test('an outage that still lasts is told in every heartbeat, and its shard is not confirmed', async () => {
  const venue = await venueWith()
  const running = start(venue, { wsReconnectMax: null, wsReconnectBackoffSeconds: 60 })
  await running.until('heartbeat', ({ json }) => (JSON.parse(json) as { shards_unconfirmed_count: number }).shards_unconfirmed_count === 0)
  await venue.close()
  await running.until('shardState', (event) => event.state === 'closed')
  const from = running.events.length
  const after = (): Record<string, unknown>[] =>
    running.events.slice(from).flatMap((event) => (event.kind === 'heartbeat' ? [JSON.parse(event.json) as Record<string, unknown>] : []))
  await expect.poll(() => after().length, { timeout: 10_000 }).toBeGreaterThan(3)
  running.plant.stop('stop')
  await running.done
  const seconds = (name: string): number[] => after().map((beat) => Number(beat[name]))
  for (const name of ['midrun_disconnected_time_s_total', 'midrun_disconnected_incident_duration_s_max']) {
    expect(seconds(name)).toEqual(seconds(name).toSorted((a, b) => a - b))
    expect(seconds(name).at(-1)).toBeGreaterThan(seconds(name)[0]!)
    expect(Math.min(...seconds(name))).toBeGreaterThan(0)
  }
  expect(after().every((beat) => beat['shards_unconfirmed_count'] === 1 && beat['midrun_disconnected_incidents'] === 1)).toBe(true)
  const shard = readFileSync(join(running.dir(), 'metrics', 'shard_00.ndjson'), 'utf8')
    .trim()
    .split('\n')
  expect(JSON.parse(shard.at(-1)!)).toMatchObject({ confirmed: false, confirm_deadline_remaining_ms: -1, midrun_disconnected_incidents: 1 })
})

test('missing first books are told in a file that follows them, and that the end of the run brings up to date', async () => {
  const venue = await venueWith()
  const running = start(venue, {})
  await running.until('heartbeat')
  const report = (keys: readonly string[]): TapeReport => ({
    records: 0,
    malformed: 0,
    counts: { fallbacks: 0, stale: 0, foreign: 0, overflow: 0, crossed: 0 },
    health: { gaps: 0, resyncs: 0, venueLatencyS: undefined, sources: [] },
    shards: [{ shard: 0, withBook: 4 - keys.length, untrusted: 0, silent: 0, malformed: 0, kinds: {} }],
    awaited: [{ shard: 0, sinceRelNs: -1e15, count: keys.length }],
    nowSilent: [],
    missing: keys.map((key) => ({ shard: 0, key, sinceRelNs: -1e15 })),
    appliedMs: [],
    writeEndToApplyMs: [],
    applyUpdateMs: []
  })
  const path = join(running.dir(), 'missing_tokens.json')
  const told = (): unknown => (existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : undefined)
  running.plant.takeReport(report(['1000', '1003']))
  expect(told()).toBeUndefined()
  await expect.poll(told).toMatchObject({ reason: 'FIRST_BOOK_MISSING', global_missing: ['1000', '1003'] })
  running.plant.takeReport(report(['1003']))
  await expect.poll(told).toMatchObject({ reason: 'FIRST_BOOK_MISSING', global_missing: ['1003'] })
  running.plant.takeReport(report([]))
  running.plant.stop('stop')
  await running.done
  expect(told()).toMatchObject({ reason: 'END_OF_RUN', global_missing: [], per_shard: { 0: { confirmed: true, missing_token_ids: [] } } })
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: true })
})

test('the name of a file is durable before any of its bytes is called so', async () => {
  const venue = await venueWith({ tokens: 12 })
  const calls: string[] = []
  const paths = new Map<number, string>()
  const disk: Disk = {
    ...hostDisk,
    create: (path) => {
      const fd = hostDisk.create(path)
      paths.set(fd, path)
      calls.push(`create ${path}`)
      return fd
    },
    syncFolder: (path) => {
      hostDisk.syncFolder(path)
      calls.push(`folder ${path}`)
    },
    sync: async (fd) => {
      calls.push(`sync ${paths.get(fd) ?? ''}`)
      await hostDisk.sync(fd)
    }
  }
  const running = start(venue, { wsShards: 2, durationSeconds: 1 }, disk)
  await running.done
  const dir = running.dir()
  for (const name of ['shard_00.frames', 'shard_00.idx', 'shard_01.frames', 'shard_01.idx']) {
    const path = join(dir, 'capture', name)
    const created = calls.indexOf(`create ${path}`)
    const named = calls.indexOf(`folder ${join(dir, 'capture')}`, created)
    expect([created, named].includes(-1)).toBe(false)
    expect(calls.indexOf(`sync ${path}`)).toBeGreaterThan(named)
  }
  const firstSync = calls.findIndex((call) => call.startsWith('sync'))
  for (const folder of [dir, dirname(dir), dirname(dirname(dir))]) expect(calls.slice(0, firstSync)).toContain(`folder ${folder}`)
})

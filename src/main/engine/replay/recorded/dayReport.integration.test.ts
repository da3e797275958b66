import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AT_LENGTH, AT_RECV, getI64 } from '../../../../shared/channels/index.ts'
import { compactRun } from '../../lake/index.ts'
import { dayBounds } from './dayBounds.ts'
import { DayFingerprint } from './dayFingerprint.ts'
import { dayReport } from './dayReport.ts'
import { listDays } from './listDays.ts'
import { recordedRun, type RecordedTestRun } from './testRecordedRun.ts'

let work: string
beforeAll(() => (work = mkdtempSync(join(tmpdir(), 'tapedeck-days-'))))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const SHAPE = { venue: 'binance', shards: 2, markets: 2, seconds: 150, messagesPerSecond: 30, weather: true } as const
const ns = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n

/** What the raw bytes of these runs give for a day: kept events within its bounds. */
function fromRaw(runs: readonly (RecordedTestRun & { runId: string })[], date: string, timeZone: string) {
  const { startMs, endMs } = dayBounds(date, timeZone)
  const fingerprint = new DayFingerprint(runs)
  runs.forEach(({ kept, originTsNs }, n) => {
    const view = new DataView(kept.buffer, kept.byteOffset, kept.length)
    for (let at = 0, size = 0; at < kept.length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      const ms = (originTsNs + BigInt(getI64(view, at + AT_RECV))) / 1_000_000n
      if (ms >= BigInt(startMs) && ms < BigInt(endMs)) fingerprint.update(n, kept.subarray(at, at + size))
    }
  })
  return { events: fingerprint.events, counts: fingerprint.counts(), sha256: fingerprint.digest() }
}

describe('one run', () => {
  let run: RecordedTestRun
  const lakeDir = (): string => join(work, 'one')
  const choice = { date: '2026-11-20' }
  beforeAll(async () => {
    run = await recordedRun({ ...SHAPE, seed: 31, t0Ns: ns('2026-11-20T15:00:00.25Z') })
    await compactRun({ bundleDir: run.dir, lakeDir: lakeDir() })
  })

  test('the journal and the lake give the events and the fingerprint that the raw bytes give', async () => {
    expect(Object.keys(run.recorded.counts)).toEqual(expect.arrayContaining(['l2_snap_1s', 'metar_obs', 'event_window', 'tape_trades']))
    for (const places of [
      { lakeDir: undefined, bundleDirs: [run.dir] },
      { lakeDir: lakeDir(), bundleDirs: [] },
      { lakeDir: lakeDir(), bundleDirs: [run.dir], prefer: 'journal' as const }
    ]) {
      const report = await dayReport({ ...places, choice })
      expect(report).toMatchObject({ ok: true, fingerprint: run.recorded.sha256, events: run.recorded.events, counts: run.recorded.counts })
    }
    expect((await dayReport({ lakeDir: lakeDir(), bundleDirs: [], choice })).stored_in).toBe('parquet')
  })

  test('days are listed with their counts and what is proved', async () => {
    const before = await listDays({ lakeDir: undefined, bundleDirs: [run.dir] })
    expect(before.journals).toMatchObject([{ path: run.dir, state: 'not_proved', provedEvents: 0 }])
    const { days, journals, faults } = await listDays({ lakeDir: lakeDir(), bundleDirs: [run.dir] })
    expect(faults).toEqual([])
    expect(days).toMatchObject([
      { date: '2026-11-20', storedIn: 'parquet', counts: run.recorded.counts, events: run.recorded.events, runs: ['rough-31'] }
    ])
    expect(days[0]!.stations).toEqual(expect.arrayContaining(['KLGA', 'LEMD', 'binance']))
    expect(days[0]!.provedEvents).toBe(run.recorded.events)
    expect(journals).toMatchObject([{ state: 'proved' }])
  })

  test('stations and channels can be chosen, light leaves changes of books out', async () => {
    const ask = (more: object) => dayReport({ lakeDir: lakeDir(), bundleDirs: [], choice: { ...choice, ...more } })
    const klga = await ask({ stations: ['KLGA'] })
    expect(klga.time_zone).toBe('America/New_York')
    expect(klga.counts['l2_snap_1s']).toBe(run.recorded.counts['l2_snap_1s'])
    expect(klga.counts['station']).toBeLessThan(run.recorded.counts['station']!)
    const venue = await ask({ stations: ['binance'] })
    expect(Object.keys(venue.counts)).not.toContain('metar_obs')
    expect(Object.keys((await ask({ channels: ['metar_obs'] })).counts).toSorted()).toEqual(['instrument', 'metar_obs', 'station'])
    expect(Object.keys((await ask({ mode: 'light' })).counts)).not.toContain('l2_deltas_event_window')
    expect(Object.keys((await ask({})).counts)).toContain('l2_deltas_event_window')
    await expect(ask({ stations: ['KXXX'] })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(ask({ channels: ['nothing'] })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(ask({ date: '2026-11-21' })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
    await expect(ask({ date: '2026-13-21' })).rejects.toMatchObject({ code: 'USAGE' })
  })

  const trades = 'station=binance/date=2026-11-20/ch=tape_trades'

  /** One bit of the first file of a folder, or of a frame log, becomes another one. */
  function flip(folder: string): void {
    const path = join(
      folder,
      readdirSync(folder).find((name) => /\.(parquet|zst|frames)$/.test(name))!
    )
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
  }

  test('a damaged part is read from the journal, a damaged journal from the frame log: the same events, and which was read is said', async () => {
    const [dir, damaged] = [join(work, 'hybrid-run'), join(work, 'hybrid')]
    cpSync(run.dir, dir, { recursive: true })
    await compactRun({ bundleDir: dir, lakeDir: damaged })
    const same = { ok: true, fingerprint: run.recorded.sha256, events: run.recorded.events, faults: [] }
    const ask = () => dayReport({ lakeDir: damaged, bundleDirs: [dir], choice })
    expect(await ask()).toMatchObject({ ...same, notes: [] })
    flip(join(damaged, trades))
    expect(await ask()).toMatchObject({
      ...same,
      notes: [expect.stringMatching(/^tape_trades: .*expected the SHA-256 .*, found .* Its journal is read instead\.$/)]
    })
    flip(join(dir, 'journal/ch=tape_trades/date=2026-11-20'))
    expect(await ask()).toMatchObject({
      ...same,
      notes: [
        expect.stringMatching(/A journal segment is not the one.* The frame log of the run is read instead, so nothing is missing\.$/)
      ]
    })
    flip(join(dir, 'capture'))
    const report = await ask()
    expect(report).toMatchObject({ ok: false, notes: [expect.stringContaining('Its journal is read instead.')] })
    expect(report.faults).toEqual([expect.stringContaining('A journal segment is not the one')])
    expect(report.events).toBeLessThan(run.recorded.events)
  })

  test('a damaged part is said in a sentence and the rest is read', async () => {
    const damaged = join(work, 'damaged')
    await compactRun({ bundleDir: run.dir, lakeDir: damaged })
    flip(join(damaged, trades))
    const report = await dayReport({ lakeDir: damaged, bundleDirs: [], choice })
    const { tape_trades: lost, ...rest } = run.recorded.counts
    expect(lost).toBeGreaterThan(0)
    expect(report).toMatchObject({ ok: false, counts: rest })
    expect(report.faults.join()).toContain('tape_trades')
  })
})

describe.each([
  { date: '2026-11-01', zone: 'America/New_York', hours: 25, startsUtc: '2026-11-01T04:00:00Z', endsUtc: '2026-11-02T05:00:00Z' },
  { date: '2026-03-08', zone: 'America/New_York', hours: 23, startsUtc: '2026-03-08T05:00:00Z', endsUtc: '2026-03-09T04:00:00Z' },
  { date: '2026-10-25', zone: 'Europe/Madrid', hours: 25, startsUtc: '2026-10-24T22:00:00Z', endsUtc: '2026-10-25T23:00:00Z' },
  { date: '2026-03-29', zone: 'Europe/Madrid', hours: 23, startsUtc: '2026-03-28T23:00:00Z', endsUtc: '2026-03-29T22:00:00Z' }
])('the day of $hours hours of $zone', ({ date, zone, hours, startsUtc, endsUtc }) => {
  test('has what was received from its midnight to the next, of every run that reaches into it', async () => {
    const { startMs, endMs } = dayBounds(date, zone)
    expect([startMs, endMs]).toEqual([Date.parse(startsUtc), Date.parse(endsUtc)])
    expect(endMs - startMs).toBe(hours * 3_600_000)
    const short = { ...SHAPE, seconds: 60 }
    const starts = [BigInt(startMs) * 1_000_000n - 30_250_000_000n, BigInt(endMs) * 1_000_000n - 30_250_000_000n]
    const runs = await Promise.all(
      starts.map(async (t0Ns, n) => ({ ...(await recordedRun({ ...short, seed: 40 + n, t0Ns })), runId: `rough-${40 + n}` }))
    )
    const lakeDir = join(work, `dst-${date}`)
    for (const { dir } of runs) await compactRun({ bundleDir: dir, lakeDir })
    const expected = fromRaw(runs, date, zone)
    expect(expected.counts['l2_snap_1s']).toBeGreaterThan(0)
    expect(expected.events).toBeLessThan(runs.reduce((sum, { recorded }) => sum + recorded.events, 0))
    const choice = { date, timeZone: zone }
    for (const places of [
      { lakeDir, bundleDirs: [] },
      { lakeDir: undefined, bundleDirs: runs.map(({ dir }) => dir) }
    ]) {
      const report = await dayReport({ ...places, choice })
      expect(report).toMatchObject({ ok: true, events: expected.events, counts: expected.counts, fingerprint: expected.sha256 })
      expect(report.run_ids).toEqual(['rough-40', 'rough-41'])
    }
  })
})

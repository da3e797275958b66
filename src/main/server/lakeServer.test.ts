import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startLakeServer, type LakeServer } from './lakeServer.ts'

const NAME = 'segment_20261120_045800_1000.jsonl.zst'
const PATH = `ch=metar_obs/date=2026-11-20/${NAME}`
const ROW = { path: PATH, start_t: 1, end_t: 2, lines: 1, bytes: 7, created_at: '2026-11-20T05:00:00Z', pending: false }
let dir: string
let server: LakeServer
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-serve-'))
  const folder = join(dir, 'run/journal/ch=metar_obs/date=2026-11-20')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, NAME), 'segment')
  writeFileSync(join(folder, NAME.replace('.jsonl', '_pending.jsonl')), 'open')
  writeFileSync(join(dir, 'run/journal/ch=metar_obs/manifest.json'), JSON.stringify([ROW]))
  writeFileSync(join(dir, 'run/manifest.json'), 'secret')
  writeFileSync(join(dir, 'outside.zst'), 'secret')
  symlinkSync(join(dir, 'outside.zst'), join(folder, 'segment_link.jsonl.zst'))
  server = await startLakeServer({ bundleDir: join(dir, 'run'), port: 0, origins: ['https://ok.example'] })
})
afterEach(async () => {
  await server.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Sends the path as it is: `fetch` would tidy it up. */
function get(
  path: string,
  headers: Record<string, string> = {}
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => done({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString(), headers: response.headers }))
    })
    sent.on('error', fail)
    sent.end()
  })
}

test('a manifest is the list of its channel, and an empty one where there is none', async () => {
  expect(JSON.parse((await get('/manifest/metar_obs')).body)).toEqual([ROW])
  expect(JSON.parse((await get('/manifest/tape_trades')).body)).toEqual([])
  writeFileSync(join(dir, 'run/journal/ch=metar_obs/manifest.json'), '{"torn')
  expect(JSON.parse((await get('/manifest/metar_obs')).body)).toEqual([])
})

test('a segment is served by its base name and by its path in the manifest, a pending one too', async () => {
  for (const path of [NAME, PATH, `date=2026-11-20/${NAME}`]) {
    const { status, body, headers } = await get(`/segment/metar_obs/${path}`)
    expect([status, body, headers['content-type']]).toEqual([200, 'segment', 'application/octet-stream'])
  }
  expect((await get(`/segment/metar_obs/${NAME.replace('.jsonl', '_pending.jsonl')}`)).body).toBe('open')
  expect((await get(`/segment/metar_obs/${NAME.replace('04', '05')}`)).status).toBe(404)
})

test.each([
  `/segment/metar_obs/../../../manifest.json`,
  `/segment/metar_obs/..%2f..%2f..%2fmanifest.json`,
  `/segment/..%2f..%2fx/${NAME}`,
  `/segment/metar_obs/%2e%2e/%2e%2e/manifest.json`,
  `/segment/metar_obs/..%5c..%5cmanifest.json`,
  '/segment/metar_obs/segment_link.jsonl.zst',
  '/segment/metar_obs/manifest.json',
  '/segment/metar_obs/',
  '/segment/metar_obs/%00',
  '/segment/%zz/x',
  '/manifest/..',
  '/manifest',
  '/nothing'
])('%s finds nothing', async (path) => {
  const { status, body } = await get(path)
  expect([400, 404]).toContain(status)
  expect(body).not.toContain('secret')
})

test('health and disk have the fields of the storage seed', async () => {
  writeFileSync(
    join(dir, 'run/journal/journal.json'),
    JSON.stringify({ t0_wall_ns_utc: '1795150680000000000', run_id: 'r', venue: 'polymarket' })
  )
  expect(JSON.parse((await get('/health')).body)).toEqual({
    ok: true,
    meta: { running: false, start_ts: 1_795_150_680, run_id: 'r', venue: 'polymarket' },
    current_segment: null
  })
  const disk = JSON.parse((await get('/disk')).body) as Record<string, Record<string, unknown>>
  expect(Object.keys(disk)).toEqual(['disk', 'segments', 'cleanup_config', 'status'])
  expect(disk['segments']!['count']).toBe(3)
})

test('a run is running while its recorder lives and writes, and not after it was killed', async () => {
  const running = async (): Promise<unknown> => (JSON.parse((await get('/health')).body) as { meta: { running: unknown } }).meta.running
  const lock = join(dir, 'run/capture.lock')
  writeFileSync(lock, JSON.stringify({ pid: process.pid }))
  expect(await running()).toBe(true)
  // Its number belongs to another program by now, which lives.
  utimesSync(lock, 1_795_150_680, 1_795_150_680)
  expect(await running()).toBe(false)
  const gone = spawnSync(process.execPath, ['--version'])
  writeFileSync(lock, JSON.stringify({ pid: gone.pid }))
  expect(await running()).toBe(false)
})

test('pages of other sites, foreign host names and other methods are refused', async () => {
  expect((await get('/health', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await get('/health', { origin: 'https://ok.example' })).headers['access-control-allow-origin']).toBe('https://ok.example')
  expect((await get('/health', { host: 'evil.example' })).status).toBe(403)
  expect((await fetch(`${server.url}/health`, { method: 'POST' })).status).toBe(405)
})

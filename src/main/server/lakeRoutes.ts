import { createReadStream } from 'node:fs'
import { readdir, readFile, realpath, stat, statfs } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isBeingCaptured } from '../engine/index.ts'
import { answer } from './pageFiles.ts'

/** Defaults of the storage seed for when old segments should be deleted; `tapedeck retention` has the real rules. */
const CLEANUP = { threshold_percent: 80, target_percent: 70, keep_min_segments: 10, keep_min_days: 1 }
const GB = 1e9

/**
 * Answers the routes of the storage seed over the journal of one run: `/manifest/{kind}`, `/segment/{kind}/{name}`, `/health`, `/disk`. A kind
 * is a channel. Reads only.
 * @returns false when the path is none of these; nothing was answered then
 */
export async function answerLakeRoute(request: IncomingMessage, response: ServerResponse, bundleDir: string): Promise<boolean> {
  const names = pathNames(request.url ?? '')
  if (names === undefined) return refused(response, 400)
  const [route, kind, ...rest] = names
  const isOurs = ['manifest', 'segment', 'health', 'disk'].includes(route ?? '')
  if (!isOurs) return false
  if (request.method !== 'GET' && request.method !== 'HEAD') return refused(response, 405)
  const journal = join(bundleDir, 'journal')
  if (route === 'health' && kind === undefined) await sendJson(request, response, await healthOf(bundleDir, journal))
  else if (route === 'disk' && kind === undefined) await sendJson(request, response, await diskOf(bundleDir, journal))
  else if (kind === undefined || !/^\w+$/.test(kind)) return refused(response, 404)
  else if (route === 'manifest' && rest.length === 0) await sendJson(request, response, await manifestOf(journal, kind))
  else if (route === 'segment') await sendSegment(request, response, journal, kind, rest)
  else return refused(response, 404)
  return true
}

/** The names of a path, decoded once. @returns undefined when it is malformed or tries to lead elsewhere */
function pathNames(url: string): string[] | undefined {
  try {
    const names = decodeURIComponent(url.split(/[?#]/, 1)[0]!).split('/').slice(1)
    return names.some((name) => name === '..' || name === '.' || /[\\\0]/.test(name)) ? undefined : names
  } catch {
    return undefined
  }
}

function refused(response: ServerResponse, status: number): true {
  answer(response, status)
  return true
}

/** As the seed has it: an empty list where the manifest is missing or cannot be read. */
async function manifestOf(journal: string, kind: string): Promise<unknown> {
  try {
    const rows: unknown = JSON.parse(await readFile(join(journal, `ch=${kind}`, 'manifest.json'), 'utf8'))
    return Array.isArray(rows) ? rows : []
  } catch {
    return []
  }
}

/** Takes the base name of a segment, and also its path as the manifest has it. */
async function sendSegment(
  request: IncomingMessage,
  response: ServerResponse,
  journal: string,
  kind: string,
  rest: readonly string[]
): Promise<void> {
  const below = rest[0] === `ch=${kind}` ? rest.slice(1) : rest
  const name = below.at(-1) ?? ''
  const file = /^segment_\w+\.jsonl\.zst$/.test(name) ? await findSegment(journal, kind, below.slice(0, -1), name) : undefined
  if (file === undefined) return answer(response, 404)
  response.statusCode = 200
  response.setHeader('Content-Type', 'application/octet-stream')
  response.setHeader('Content-Length', file.bytes)
  response.setHeader('Cache-Control', 'no-store')
  if (request.method === 'HEAD') return void response.end()
  // A segment that is being written has grown since its size was told.
  const end = file.bytes - 1
  await pipeline(end < 0 ? [] : createReadStream(file.path, { end }), response).catch(() => response.destroy())
}

async function findSegment(journal: string, kind: string, folders: readonly string[], name: string): Promise<SegmentFile | undefined> {
  const dates = folders.length === 0 ? await datesOf(journal, kind) : folders.length === 1 ? folders : []
  for (const date of dates) {
    const file = /^date=\d{4}-\d\d-\d\d$/.test(date) ? await confined(journal, join(journal, `ch=${kind}`, date, name)) : undefined
    if (file !== undefined) return file
  }
  return undefined
}

interface SegmentFile {
  readonly path: string
  readonly bytes: number
}

/** @returns undefined when it is no file, or a link leads out of the journal */
async function confined(journal: string, path: string): Promise<SegmentFile | undefined> {
  try {
    const [root, real] = [await realpath(journal), await realpath(path)]
    const facts = await stat(real)
    return real.startsWith(root + sep) && facts.isFile() ? { path: real, bytes: facts.size } : undefined
  } catch {
    return undefined
  }
}

async function datesOf(journal: string, kind: string): Promise<string[]> {
  try {
    return (await readdir(join(journal, `ch=${kind}`))).filter((name) => name.startsWith('date=')).toSorted()
  } catch {
    return []
  }
}

async function healthOf(bundleDir: string, journal: string): Promise<unknown> {
  const facts = await jsonFile(join(journal, 'journal.json'))
  // A recorder that was killed leaves its lock behind.
  const running = isBeingCaptured(bundleDir, Date.now())
  const startNs = facts?.['t0_wall_ns_utc']
  return {
    ok: true,
    meta: {
      running,
      start_ts: typeof startNs === 'string' ? Number(BigInt(startNs) / 1_000_000n) / 1000 : null,
      run_id: facts?.['run_id'] ?? null,
      venue: facts?.['venue'] ?? null
    },
    current_segment: null
  }
}

async function jsonFile(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
}

async function diskOf(bundleDir: string, journal: string): Promise<unknown> {
  const { blocks, bavail, bsize } = await statfs(bundleDir)
  const [total, free] = [blocks * bsize, bavail * bsize]
  const usage = total === 0 ? 0 : ((total - free) / total) * 100
  const sizes = await segmentSizes(journal)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return {
    disk: { usage_percent: round(usage), total_gb: round(total / GB), used_gb: round((total - free) / GB), free_gb: round(free / GB) },
    segments: { count: sizes.length, total_bytes: bytes, total_gb: round(bytes / GB) },
    cleanup_config: CLEANUP,
    status: { needs_cleanup: usage >= CLEANUP.threshold_percent }
  }
}

async function segmentSizes(journal: string): Promise<number[]> {
  try {
    const names = (await readdir(journal, { recursive: true })).filter((name) => name.endsWith('.jsonl.zst'))
    return await Promise.all(names.map(async (name) => (await stat(join(journal, name))).size))
  } catch {
    return []
  }
}

function round(value: number): number {
  return Number(value.toFixed(3))
}

async function sendJson(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
  response.statusCode = 200
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body))
}

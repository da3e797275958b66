import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'

const segmentSchema = z.looseObject({
  path: z.string(),
  start_t: z.number(),
  end_t: z.number(),
  lines: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.string(),
  pending: z.boolean().optional()
})

const journalSchema = z.looseObject({
  schema_version: z.int(),
  run_id: z.string().min(1),
  t0_wall_ns_utc: z.string().regex(/^\d+$/),
  venue: z.string().min(1)
})

/** One closed segment as its manifest lists it. */
export interface JournalSegment {
  readonly channel: string
  /** New York date of its events, YYYY-MM-DD. */
  readonly date: string
  /** Below `journal/`, with forward slashes. */
  readonly path: string
  readonly startRelNs: number
  readonly endRelNs: number
  readonly lines: number
  readonly bytes: number
  readonly sha256: string
}

export interface JournalFacts {
  readonly dir: string
  readonly runId: string
  readonly originTsNs: bigint
  readonly venue: string
}

export function journalDir(bundleDir: string): string {
  return join(bundleDir, 'journal')
}

/** @returns undefined when the bundle has no journal @throws StudioError BUNDLE_DAMAGED when journal.json cannot be used */
export function readJournalFacts(bundleDir: string): JournalFacts | undefined {
  const dir = journalDir(bundleDir)
  const path = join(dir, 'journal.json')
  const text = readIfThere(path)
  if (text === undefined) return undefined
  const result = journalSchema.safeParse(jsonOf(text))
  if (!result.success)
    throw new StudioError(
      'BUNDLE_DAMAGED',
      `The description of the journal is damaged, so its events have no origin in time. File: ${path}`
    )
  const { run_id: runId, t0_wall_ns_utc: origin, venue } = result.data
  return { dir, runId, originTsNs: BigInt(origin), venue }
}

/** Channels that have a folder in the journal, sorted. */
export function journalChannels(dir: string): readonly string[] {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(dir)
    .filter((name) => name.startsWith('ch='))
    .map((name) => name.slice(3))
    .toSorted()
}

/** What a channel's manifest says. */
export interface ChannelManifest {
  readonly segments: readonly JournalSegment[]
  /** Why the manifest or some of its rows cannot be used; empty when all is well. */
  readonly faults: readonly string[]
}

/** Closed segments of a channel in the order of time. A damaged manifest is a fault, never an empty journal taken as true. */
export function readChannelManifest(dir: string, channel: string): ChannelManifest {
  const path = join(dir, `ch=${channel}`, 'manifest.json')
  const text = readIfThere(path)
  if (text === undefined) return { segments: [], faults: [] }
  const rows = jsonOf(text)
  if (!Array.isArray(rows)) return { segments: [], faults: [`manifest of ${channel} is no JSON list: ${path}`] }
  const faults: string[] = []
  const segments = rows.flatMap((row: unknown, index) => {
    const segment = segmentOf(channel, row)
    if (segment === undefined) faults.push(`row ${index + 1} of the manifest of ${channel} is no segment: ${path}`)
    return segment === undefined || segment === 'pending' ? [] : [segment]
  })
  const once = new Map(segments.map((segment) => [segment.path, segment]))
  if (once.size < segments.length) faults.push(`the manifest of ${channel} names a segment twice: ${path}`)
  return { segments: [...once.values()].toSorted((a, b) => a.startRelNs - b.startRelNs), faults }
}

function segmentOf(channel: string, row: unknown): JournalSegment | 'pending' | undefined {
  const result = segmentSchema.safeParse(row)
  if (!result.success) return undefined
  const { path, start_t: startRelNs, end_t: endRelNs, lines, bytes, sha256, pending } = result.data
  if (pending === true) return 'pending'
  const match = /^ch=([\w-]+)\/date=(\d{4}-\d\d-\d\d)\/[\w.-]+$/.exec(path)
  if (match === null || match[1] !== channel) return undefined
  return { channel, date: match[2]!, path, startRelNs, endRelNs, lines, bytes, sha256 }
}

/** Segments that are still being written, by their paths below `journal/`. */
export function pendingSegments(dir: string, channel: string): readonly string[] {
  const folder = join(dir, `ch=${channel}`)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith('date='))
    .flatMap((date) => readdirSync(join(folder, date)).map((name) => `ch=${channel}/${date}/${name}`))
    .filter((path) => path.endsWith('_pending.jsonl.zst'))
    .toSorted()
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'
import { LocalTime } from '../../../shared/world/index.ts'
import { isBeingCaptured } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import { checksName, parseSegmentName } from '../record/index.ts'

const segmentSchema = z.looseObject({
  path: z.string(),
  start_t: z.int(),
  end_t: z.int(),
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
  readonly bundleDir: string
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
  return { bundleDir, dir, runId, originTsNs: BigInt(origin), venue }
}

/** Channels that have a folder in the journal, sorted. */
export function journalChannels(dir: string): readonly string[] {
  return namesIn(dir)
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

/**
 * Closed segments of a channel in the order of time. A manifest that is damaged, missing, lacks a segment or says of one what cannot be is a
 * fault, never an empty journal taken as true.
 */
export function readChannelManifest(facts: JournalFacts, channel: string): ChannelManifest {
  // Before the manifest: a segment that is finished meanwhile is listed there.
  const files = segmentFiles(facts.dir, channel).filter((path) => parseSegmentName(basename(path))?.isPending === false)
  const path = join(facts.dir, `ch=${channel}`, 'manifest.json')
  const text = readIfThere(path)
  if (text === undefined) {
    const missing = `the manifest of ${channel} is missing and ${countOf(files.length)} there: ${path}`
    return { segments: [], faults: files.length === 0 ? [] : [missing] }
  }
  const rows = jsonOf(text)
  if (!Array.isArray(rows)) return { segments: [], faults: [`manifest of ${channel} is no JSON list: ${path}`] }
  const faults: string[] = []
  const dateOf = newYorkDates(facts.originTsNs)
  const segments = rows.flatMap((row: unknown, index) => {
    const segment = segmentOf(channel, row, dateOf)
    if (typeof segment === 'string') faults.push(`row ${index + 1} of the manifest of ${channel} ${segment}: ${path}`)
    return typeof segment === 'object' ? [segment] : []
  })
  const named = new Set(rows.map((row: unknown) => (isOpenRow(row) ? undefined : (row as { path?: unknown } | null)?.path)))
  for (const file of files)
    if (!named.has(file) && !isJustFinished(facts, file))
      faults.push(`the manifest of ${channel} does not list a segment that is there: ${file}`)
  const once = new Map(segments.map((segment) => [segment.path, segment]))
  if (once.size < segments.length) faults.push(`the manifest of ${channel} names a segment twice: ${path}`)
  return { segments: [...once.values()].toSorted((a, b) => a.startRelNs - b.startRelNs), faults }
}

function isOpenRow(row: unknown): boolean {
  return (row as { pending?: unknown } | null)?.pending === true
}

function countOf(segments: number): string {
  return segments === 1 ? 'a segment is' : `${segments} segments are`
}

/** @returns undefined for one that is still being written, and what is wrong with a row that cannot be true */
function segmentOf(channel: string, row: unknown, dateOf: (relNs: number) => string | undefined): JournalSegment | string | undefined {
  const result = segmentSchema.safeParse(row)
  if (!result.success) return 'is no segment'
  const { path, start_t: startRelNs, end_t: endRelNs, lines, bytes, sha256, pending } = result.data
  if (pending === true) return undefined
  const match = /^ch=([\w-]+)\/date=(\d{4}-\d\d-\d\d)\/[\w.-]+$/.exec(path)
  if (match === null || match[1] !== channel) return 'is no segment'
  const date = match[2]!
  const isInside = startRelNs <= endRelNs && dateOf(startRelNs) === date && dateOf(endRelNs) === date
  if (lines > 0 && !(isInside && parseSegmentName(basename(path))?.startRelNs === Math.max(0, startRelNs)))
    return `gives a segment times that it cannot have (${startRelNs} to ${endRelNs})`
  return { channel, date, path, startRelNs, endRelNs, lines, bytes, sha256 }
}

/** New York dates of receive times of a run; undefined for what is on no calendar. */
function newYorkDates(originTsNs: bigint): (relNs: number) => string | undefined {
  const zone = new LocalTime('America/New_York')
  return (relNs) => {
    const unixMs = Number((originTsNs + BigInt(relNs)) / 1_000_000n)
    return Math.abs(unixMs) < 8.64e15 - 86_400_000 ? zone.at(unixMs).date : undefined
  }
}

/** Its recorder is about to list it. */
function isJustFinished({ bundleDir, dir }: JournalFacts, path: string): boolean {
  return existsSync(join(dir, checksName(path))) && isBeingCaptured(bundleDir, Number(hostClock.wallNs() / 1_000_000n))
}

/** Segments that are still being written, by their paths below `journal/`. */
export function pendingSegments(dir: string, channel: string): readonly string[] {
  return segmentFiles(dir, channel).filter((path) => parseSegmentName(basename(path))?.isPending === true)
}

/** Files of a channel that have the name of a segment, by their paths below `journal/`. */
function segmentFiles(dir: string, channel: string): string[] {
  return namesIn(join(dir, `ch=${channel}`))
    .filter((name) => name.startsWith('date='))
    .flatMap((date) => namesIn(join(dir, `ch=${channel}`, date)).map((name) => `ch=${channel}/${date}/${name}`))
    .filter((path) => parseSegmentName(basename(path)) !== undefined)
    .toSorted()
}

/** Nothing where there is no such folder, or a file in its place. */
function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : []
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

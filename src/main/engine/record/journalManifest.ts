import { z } from 'zod'
import { publishText, type RecordDisk } from './recordDisk.ts'

const count = z.int().nonnegative()
const entrySchema = z.looseObject({
  path: z.string(),
  start_t: z.int(),
  end_t: z.int(),
  lines: count,
  bytes: count,
  sha256: z.string(),
  created_at: z.string(),
  pending: z.literal(false),
  salvaged: z
    .looseObject({ lost_bytes: count, lost_lines: count.optional(), damaged: z.boolean().optional(), unproved: z.boolean().optional() })
    .optional(),
  lost_before: z.looseObject({ lines: count, from_t: z.int(), to_t: z.int() }).optional()
})

/** Lines that could not be kept: a disk that refused them for too long. Times are receive times, ns since the run's origin. */
export interface LostStretch {
  readonly lines: number
  readonly from_t: number
  readonly to_t: number
}

/** What salvage of a segment left out. */
export interface Salvaged {
  /** Bytes of the pending file behind what was kept; of its text where it was `unproved`. */
  readonly lost_bytes: number
  /** Acknowledged lines that are not there any more. */
  readonly lost_lines?: number | undefined
  /** Acknowledged bytes were not as they were written. */
  readonly damaged?: boolean | undefined
  /** There were no checkpoints: what could be decoded was kept as it was. */
  readonly unproved?: boolean | undefined
}

/** One finished segment, as the manifest of its channel lists it. */
export interface SegmentEntry {
  /** Below the journal's folder, with forward slashes. */
  readonly path: string
  /** Receive time of the first and last line, ns since the run's origin. */
  readonly start_t: number
  readonly end_t: number
  readonly lines: number
  /** Bytes of the file. */
  readonly bytes: number
  /** Hex digest of the file. */
  readonly sha256: string
  readonly created_at: string
  readonly pending: false
  /** Made by salvage from a segment that was never finished. */
  readonly salvaged?: Salvaged | undefined
  /** What was lost between the segment before and this one. */
  readonly lost_before?: LostStretch | undefined
}

export type ManifestRead =
  | { readonly outcome: 'read'; readonly entries: readonly SegmentEntry[] }
  | { readonly outcome: 'missing' }
  /** `entries`: those that still make sense. */
  | { readonly outcome: 'damaged'; readonly why: string; readonly entries: readonly SegmentEntry[] }

/** Reads a channel's manifest from its text. */
export function parseManifest(text: string | undefined): ManifestRead {
  if (text === undefined) return { outcome: 'missing' }
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return { outcome: 'damaged', why: 'it is not JSON', entries: [] }
  }
  if (!Array.isArray(raw)) return { outcome: 'damaged', why: 'it is not a list', entries: [] }
  const entries = (raw as unknown[]).map((item) => entrySchema.safeParse(item))
  const whole = entries.flatMap((entry) => (entry.success && isInside(entry.data.path) ? [entry.data as SegmentEntry] : []))
  if (whole.length < raw.length)
    return { outcome: 'damaged', why: `${raw.length - whole.length} of its entries make no sense`, entries: whole }
  const paths = new Set(whole.map(({ path }) => path))
  if (paths.size < whole.length) return { outcome: 'damaged', why: 'it names a segment twice', entries: whole }
  return { outcome: 'read', entries: whole }
}

/** A manifest from elsewhere must not lead out of the journal. */
function isInside(path: string): boolean {
  return /^ch=\w+\/date=\d{4}-\d\d-\d\d\/segment_[\w]+\.jsonl\.zst$/.test(path)
}

/** Writes a channel's manifest in one step. @throws the operating system's error; the old one stays then */
export function writeManifest(disk: RecordDisk, path: string, entries: readonly SegmentEntry[]): void {
  publishText(disk, path, `${JSON.stringify(entries, undefined, 2)}\n`)
}

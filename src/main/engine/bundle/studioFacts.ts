import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'
import { bundlePaths } from './manifest.ts'
import { publishFile } from './publish.ts'

const STUDIO_VERSION = 1

const recordedSchema = z.object({
  keep: z.enum(['light', 'all']),
  sha256: z.string(),
  events: z.number(),
  counts: z.record(z.string(), z.number()),
  tape_version: z.int().optional().catch(undefined)
})

const studioSchema = z.looseObject({
  studio_version: z.int(),
  synthetic: z.boolean(),
  venue: z.enum(['polymarket', 'binance']),
  source: z.string(),
  fingerprint: z
    .object({ sha256: z.string(), counts: z.record(z.string(), z.number()), tape_version: z.int().optional().catch(undefined) })
    .nullable(),
  recorded: recordedSchema.nullish().catch(undefined),
  stopped_wall_ns_utc: z.string().regex(/^\d+$/).nullable()
})

/** SHA-256 (hex) over the canonical bytes of every event of the tape's channels, and how many there were of each channel. */
export interface StudioFingerprint {
  readonly sha256: string
  readonly counts: Readonly<Record<string, number>>
  /** Version of the tape that made the events; absent: 1. Only fingerprints of one version can be compared. */
  readonly tape_version?: number | undefined
}

/** The same over the events that were to be recorded as journals, and their number by channel. */
export interface StudioRecorded extends StudioFingerprint {
  readonly keep: 'light' | 'all'
  readonly events: number
}

/** What Tapedeck itself says of a bundle, in `studio.json` beside the manifest. A bundle of another system has none. */
export interface StudioFacts {
  /** Made by a generator, not by a market. */
  readonly synthetic: boolean
  readonly venue: 'polymarket' | 'binance'
  /** Name of the source for people. */
  readonly source: string
  /** Written at a clean end of the capture. */
  readonly fingerprint: StudioFingerprint | undefined
  readonly stoppedWallNs: bigint | undefined
  /** What is there already stays when this is left out. */
  readonly recorded?: StudioRecorded | undefined
}

/**
 * Reads `studio.json`. A missing or unreadable one is no reason to refuse a bundle.
 * @returns undefined where there is none
 * @throws StudioError BUNDLE_NEWER when a newer version wrote it
 */
export function readStudioFacts(dir: string): StudioFacts | undefined {
  const raw = readRaw(dir)
  const version = raw?.['studio_version']
  if (typeof version === 'number' && version > STUDIO_VERSION) {
    throw new StudioError(
      'BUNDLE_NEWER',
      `This run bundle was written by a newer version of Tapedeck (studio.json version ${version}; this version reads up to ${STUDIO_VERSION}). Update Tapedeck to open it: ${dir}`
    )
  }
  const result = studioSchema.safeParse(raw)
  if (!result.success) return undefined
  const { synthetic, venue, source, fingerprint, recorded, stopped_wall_ns_utc: stopped } = result.data
  return {
    synthetic,
    venue,
    source,
    fingerprint: fingerprint ?? undefined,
    stoppedWallNs: stopped === null ? undefined : BigInt(stopped),
    ...(recorded ? { recorded } : {})
  }
}

/** Writes `studio.json` in one step (a crash leaves the old or the new one). Keys that this version does not know are kept. */
export function writeStudioFacts(dir: string, facts: StudioFacts): void {
  const fields = {
    ...readRaw(dir),
    studio_version: STUDIO_VERSION,
    synthetic: facts.synthetic,
    venue: facts.venue,
    source: facts.source,
    fingerprint: facts.fingerprint ?? null,
    stopped_wall_ns_utc: facts.stoppedWallNs?.toString() ?? null,
    ...(facts.recorded === undefined ? {} : { recorded: facts.recorded })
  }
  publishFile(bundlePaths(dir).studio, `${JSON.stringify(fields)}\n`)
}

function readRaw(dir: string): Record<string, unknown> | undefined {
  try {
    const raw: unknown = JSON.parse(readFileSync(bundlePaths(dir).studio, 'utf8'))
    return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'
import { parseBigJson, type BigJson } from './bigJson.ts'

/** Newest manifest that this version reads and the one it writes. */
export const MANIFEST_VERSION = 1

const nanoseconds = z.union([z.bigint(), z.int()]).transform((value) => BigInt(value))

const manifestSchema = z.looseObject({
  manifest_version: z.int(),
  run_id: z.string().min(1),
  t0_wall_ns_utc: nanoseconds,
  t0_mono_ns: nanoseconds,
  shards: z.looseObject({ count: z.int().min(0).optional() }).optional()
})

/** What every reader needs of `manifest.json`. Unknown keys stay in `raw`. */
export interface Manifest {
  readonly manifestVersion: number
  readonly runId: string
  readonly t0WallNs: bigint
  readonly t0MonoNs: bigint
  /** As stated by the manifest; undefined where it does not say. */
  readonly shardCount: number | undefined
  readonly raw: BigJson
}

export interface BundlePaths {
  readonly dir: string
  readonly manifest: string
  readonly runlog: string
  readonly captureDir: string
  readonly metricsDir: string
  readonly globalMetrics: string
  readonly studio: string
  readonly lock: string
  readonly fatal: string
  readonly missingTokens: string
}

/** Where the files of a run bundle lie. */
export function bundlePaths(dir: string): BundlePaths {
  return {
    dir,
    manifest: join(dir, 'manifest.json'),
    runlog: join(dir, 'runlog.ndjson'),
    captureDir: join(dir, 'capture'),
    metricsDir: join(dir, 'metrics'),
    globalMetrics: join(dir, 'metrics', 'global.ndjson'),
    studio: join(dir, 'studio.json'),
    lock: join(dir, 'capture.lock'),
    fatal: join(dir, 'fatal.json'),
    missingTokens: join(dir, 'missing_tokens.json')
  }
}

/**
 * Reads a bundle's manifest.
 * @throws StudioError BUNDLE_NOT_FOUND (no such folder), BUNDLE_FOREIGN (not a run bundle), BUNDLE_NEWER, FILE_FAILED
 */
export function readManifest(dir: string): Manifest {
  const paths = bundlePaths(dir)
  requireFolder(dir)
  const text = readText(paths.manifest, dir)
  const raw = parseText(text, dir)
  const whole = withSourceFacts(raw)
  const version = objectOf(whole)?.['manifest_version']
  if (typeof version === 'number' && version > MANIFEST_VERSION) {
    throw new StudioError(
      'BUNDLE_NEWER',
      `This run bundle was written by a newer version (manifest version ${version}; this version reads up to ${MANIFEST_VERSION}). Update Tapedeck to open it: ${dir}`
    )
  }
  const result = manifestSchema.safeParse(whole)
  if (!result.success) {
    const issue = result.error.issues[0]
    throw new StudioError(
      'BUNDLE_FOREIGN',
      `This folder has a manifest.json, but it is not that of a run bundle: ${issue?.path.join('.') || 'the whole'} is wrong (${issue?.message ?? 'unknown shape'}). Folder: ${dir}`
    )
  }
  const fields = result.data
  return {
    manifestVersion: fields.manifest_version,
    runId: fields.run_id,
    t0WallNs: fields.t0_wall_ns_utc,
    t0MonoNs: fields.t0_mono_ns,
    shardCount: fields.shards?.count,
    raw
  }
}

/**
 * A slice made by the original capture system names itself by `slice_id` and keeps everything else in `source_manifest`: its records are on
 * the source's clocks. A slice of one shard does not say how many there are.
 */
function withSourceFacts(raw: BigJson): BigJson {
  const slice = objectOf(raw)
  const source = objectOf(slice?.['source_manifest'])
  if (slice === undefined || source === undefined || slice['run_id'] !== undefined) return raw
  const oneShard = typeof objectOf(slice['slice'])?.['shard'] === 'number'
  return {
    manifest_version: source['manifest_version'] ?? null,
    run_id: slice['slice_id'] ?? null,
    t0_wall_ns_utc: source['t0_wall_ns_utc'] ?? null,
    t0_mono_ns: source['t0_mono_ns'] ?? null,
    ...(!oneShard && source['shards'] !== undefined && { shards: source['shards'] }),
    ...slice
  }
}

function objectOf(value: BigJson | undefined): Readonly<Record<string, BigJson | undefined>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, BigJson | undefined>>)
    : undefined
}

function requireFolder(dir: string): void {
  const stats = statSync(dir, { throwIfNoEntry: false })
  if (stats === undefined) throw new StudioError('BUNDLE_NOT_FOUND', `There is no run bundle at this place: ${dir}`)
  if (!stats.isDirectory()) throw new StudioError('BUNDLE_FOREIGN', `A run bundle is a folder, but this is a file: ${dir}`)
}

function readText(path: string, dir: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new StudioError(
        'BUNDLE_FOREIGN',
        `This folder is not a run bundle: it has no manifest.json. Choose the folder that holds manifest.json and capture/. Folder: ${dir}`
      )
    }
    throw new StudioError('FILE_FAILED', `The manifest of the run bundle could not be read (${(error as Error).message}).`, {
      cause: error
    })
  }
}

function parseText(text: string, dir: string): BigJson {
  try {
    return parseBigJson(text)
  } catch (error) {
    throw new StudioError('BUNDLE_FOREIGN', `This folder is not a run bundle: its manifest.json is not valid JSON. Folder: ${dir}`, {
      cause: error
    })
  }
}

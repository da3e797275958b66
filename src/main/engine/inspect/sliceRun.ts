import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { bundlePaths, fsyncDir, openBundle, type OpenBundle, type ShardLog } from '../bundle/index.ts'
import { hostClock, type Clock } from '../clock.ts'
import type { ScanOptions } from './scanOptions.ts'
import { refuseContradictingIndex } from './sliceIndexCheck.ts'
import { copyLogs } from './sliceLogs.ts'
import { writeSliceFacts } from './sliceManifest.ts'
import { planSlice, type SlicePlan } from './slicePlan.ts'
import { copyShard } from './sliceShard.ts'
import { checkWindow, entryTest, type SliceWindow } from './sliceWindow.ts'

const SLICE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

export interface SliceOptions extends ScanOptions {
  readonly window: SliceWindow
  /** Default: `<data folder>/slices/<slice id>` for a run in a `runs` folder, else `slices/<slice id>` beside the run. */
  readonly outDir?: string | undefined
  /** Default: time and chance, `YYYYMMDDTHHMMSSZ-<8 hex>`. */
  readonly sliceId?: string | undefined
  /** Default: all shards. */
  readonly shard?: number | undefined
  readonly clock?: Clock
}

export interface SliceResult {
  /** Absolute. */
  readonly sliceDir: string
  readonly sliceId: string
  readonly records: number
  readonly shards: number
  /** Of the frame logs. */
  readonly bytes: number
  readonly startsMidRun: boolean
}

/**
 * Cuts a window out of a run into a bundle of its own. Every record is copied byte for byte, the index is made anew; a slice of everything has the
 * frame logs and indexes of the run. On a failure nothing is left behind.
 * @throws StudioError USAGE (window, slice id, shard), BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, BUNDLE_EXISTS, BUNDLE_DAMAGED, FILE_FAILED;
 *   the signal's reason
 */
export async function sliceRun(runDir: string, options: SliceOptions): Promise<SliceResult> {
  checkWindow(options.window)
  const sourceDir = resolve(runDir)
  const sliceId = sliceIdOf(options)
  const bundle = await openBundle(sourceDir, { readOnly: true })
  try {
    const logs = chosenShards(bundle, options.shard)
    for (const log of logs) refuseContradictingIndex(bundle, log)
    const plan = await planSlice(bundle, logs, options.window, options.signal)
    const sliceDir = resolve(options.outDir ?? join(slicesFolder(sourceDir), sliceId))
    await inFreshFolder(sliceDir, async () => {
      await copyRecords(bundle, plan, sliceDir, options)
      await copyLogs({ sourceDir, sliceDir, sliceId, ...timesOf(bundle, plan, options.window), signal: options.signal })
      writeSliceFacts({ bundle, sourceDir, sliceDir, sliceId, window: options.window, shard: options.shard, plan })
    })
    const startsMidRun = plan.shards.some((shard) => shard.startsMidRun)
    return { sliceDir, sliceId, records: plan.records, shards: plan.shards.length, bytes: plan.bytes, startsMidRun }
  } finally {
    bundle.close()
  }
}

async function copyRecords(bundle: OpenBundle, plan: SlicePlan, sliceDir: string, options: SliceOptions): Promise<void> {
  const { captureDir } = bundlePaths(sliceDir)
  const isInside = entryTest(options.window, bundle)
  let done = 0
  const onBytes = (bytes: number): void => {
    done += bytes
    options.onProgress?.(done / plan.bytes)
  }
  for (const shard of plan.shards) await copyShard(bundle, shard, { captureDir, isInside, signal: options.signal, onBytes })
  fsyncDir(captureDir)
}

/** Times of the run's own lines: the window, or for a window of offsets what its records reach over. */
function timesOf(
  bundle: OpenBundle,
  plan: SlicePlan,
  window: SliceWindow
): { fromMonoNs: bigint | undefined; toMonoNs: bigint | undefined } {
  if (window.kind === 'mono') return { fromMonoNs: window.startMonoNs, toMonoNs: window.endMonoNs }
  return { fromMonoNs: bundle.t0MonoNs + BigInt(plan.firstMonoRelNs), toMonoNs: bundle.t0MonoNs + BigInt(plan.lastMonoRelNs) }
}

/** Makes `capture/`, which must be new, and takes everything back when the work fails. */
async function inFreshFolder(dir: string, work: () => Promise<void>): Promise<void> {
  const paths = bundlePaths(dir)
  const taken = [paths.captureDir, paths.manifest, paths.runlog, paths.metricsDir, paths.studio].find((path) => existsSync(path))
  if (taken !== undefined)
    throw new StudioError(
      'BUNDLE_EXISTS',
      `The folder for the slice holds a bundle already; nothing was overwritten. Choose another one. Found: ${taken}`
    )
  const isNew = !existsSync(dir)
  mkdirSync(paths.captureDir, { recursive: true })
  try {
    await work()
  } catch (error) {
    const ours = isNew ? [dir] : [paths.captureDir, paths.metricsDir, paths.runlog, paths.studio, paths.manifest]
    for (const path of ours) rmSync(path, { recursive: true, force: true })
    throw error
  }
}

function chosenShards(bundle: OpenBundle, shard: number | undefined): ShardLog[] {
  const logs = bundle.shards.filter((log) => shard === undefined || log.shard === shard)
  if (logs.length > 0) return logs
  const known = bundle.shards.map((log) => log.shard).join(', ')
  throw new StudioError(
    'USAGE',
    shard === undefined ? 'The run has no frame logs to slice.' : `The run has no shard ${shard}; it has ${known || 'none'}.`
  )
}

function slicesFolder(sourceDir: string): string {
  const parent = dirname(sourceDir)
  return join(basename(parent) === 'runs' ? dirname(parent) : parent, 'slices')
}

function sliceIdOf({ sliceId, clock = hostClock }: SliceOptions): string {
  if (sliceId !== undefined) {
    if (SLICE_ID.test(sliceId)) return sliceId
    throw new StudioError('USAGE', `The slice id is "${sliceId}", but a name of letters, digits, dot, dash and underscore is expected.`)
  }
  const iso = new Date(Number(clock.wallNs() / 1_000_000n)).toISOString()
  return `${iso.slice(0, 19).replace(/[-:]/g, '')}Z-${randomBytes(4).toString('hex')}`
}

import { existsSync } from 'node:fs'
import type { CrashState, RunVerdict } from '../../../../shared/api/index.ts'
import { toFailure } from '../../../../shared/errors.ts'
import { verifyRun, type VerifyReport } from '../../bundle/index.ts'
import { readProof, verifyLake, type LakeRunVerdict, type RelSpan } from '../../lake/index.ts'
import { crashVerdict } from '../../record/index.ts'
import { withBundle } from '../rawRecords.ts'
import { rederive, type Rederived } from './rederive.ts'

/** What was found of one run. Keys as printed. */
export interface RunCheck extends RunVerdict {
  /** Complete, every byte as it was written and proved, and, where asked for, equal to what the raw bytes give. */
  readonly ok: boolean
  readonly run_dir: string | null
  /** Every record of the frame log against its checksum and its index; null where there is none, or while it is written. */
  readonly frames: VerifyReport['totals'] | null
  /** The Parquet of the run against its proof; null where the lake has nothing of it. */
  readonly lake: LakeRunVerdict | null
  /** Null where there is nothing to compare. */
  readonly rederived?: Rederived | null
}

export interface CheckOptions {
  readonly lakeDir: string | undefined
  /** Compare every event with what the raw bytes give today. */
  readonly rederive: boolean
  readonly span?: RelSpan | undefined
  readonly signal?: AbortSignal | undefined
}

const SOUND: ReadonlySet<CrashState> = new Set(['ended', 'recording'])

/** Looks at every byte of a run: frame log, journal, Parquet. @throws StudioError when the folder is no run bundle */
export async function checkRun(runDir: string, options: CheckOptions): Promise<RunCheck> {
  return withBundle(runDir, async (bundle) => {
    const { runId: run_id, studio } = bundle
    const crash = await crashVerdict(bundle, { check: 'bytes' })
    const frames = crash.raw?.state === 'recording' ? undefined : verifyRun(runDir)
    const lake = await lakeOf(run_id, options)
    const keep = crash.journal?.keep ?? studio?.recorded?.keep ?? 'light'
    const rederived = options.rederive ? await rederive({ ...options, bundle, keep }) : undefined
    const isEqual = !options.rederive || rederived?.equal === true
    return {
      ok: SOUND.has(crash.state) && (frames?.ok ?? true) && (lake?.ok ?? true) && isEqual,
      run_id,
      run_dir: runDir,
      ...crash,
      frames: frames?.totals ?? null,
      lake,
      ...(options.rederive && { rederived: rederived ?? null })
    }
  })
}

/** A run of which only the lake is left. */
export async function checkLakeRun(verdict: RunVerdict, options: CheckOptions): Promise<RunCheck> {
  const lake = await lakeOf(verdict.run_id, options)
  const ok = lake?.ok === true && !options.rederive
  return { ok, ...verdict, run_dir: null, frames: null, lake, ...(options.rederive && { rederived: null }) }
}

async function lakeOf(runId: string, { lakeDir, signal }: CheckOptions): Promise<LakeRunVerdict | null> {
  if (lakeDir === undefined || !existsSync(lakeDir)) return null
  try {
    if (readProof(lakeDir, runId) === undefined) return null
  } catch (error) {
    return {
      run_id: runId,
      ok: false,
      parts: 0,
      rows: 0,
      fingerprint: undefined,
      recorded_fingerprint: undefined,
      faults: [toFailure(error).message]
    }
  }
  const { runs } = await verifyLake({ lakeDir, runId, signal })
  return runs[0] ?? null
}

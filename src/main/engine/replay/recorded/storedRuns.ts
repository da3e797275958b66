import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import {
  lossesOnly,
  worstState,
  type CrashVerdict,
  type RunsVerdict,
  type RunVerdict,
  type StoredIn
} from '../../../../shared/api/index.ts'
import { toFailure } from '../../../../shared/errors.ts'
import { findStoredRun, journalDir, readAllProofs, type StoredRun } from '../../lake/index.ts'
import { crashVerdictOf } from '../../record/index.ts'

export interface StorePlaces {
  readonly lakeDir: string | undefined
  /** Bundles whose journals may have something. */
  readonly bundleDirs: readonly string[]
  /** Where an event is in both. Default parquet. */
  readonly prefer?: 'journal' | 'parquet' | undefined
}

/** A run of which something is recorded, and where. */
export interface RecordedRun {
  readonly stored: StoredRun
  readonly bundleDir: string | undefined
  /** False: the lake has nothing of it that can be used. */
  readonly inLake: boolean
  /** How it ended. */
  readonly verdict: CrashVerdict
  /** Receive times of its first and last recorded event, ns since the Unix epoch. */
  readonly firstTsNs: bigint
  readonly lastTsNs: bigint
}

export interface RecordedRuns {
  /** Oldest first. */
  readonly runs: readonly RecordedRun[]
  /** Runs of which nothing can be played: all is still being written, or cannot be trusted. */
  readonly empty: readonly RunVerdict[]
  readonly faults: readonly string[]
}

const NOT_AT_HAND: CrashVerdict = {
  state: 'unknown',
  sentence: 'The bundle of this run is not here, so how it ended is not known; what the lake holds of it is proved.',
  raw: null,
  journal: null
}

/** Looks up every run of a lake and of the journals of these bundles. What a crash left of a journal is saved first, so that it is found too. */
export async function recordedRuns({ lakeDir, bundleDirs, prefer }: StorePlaces): Promise<RecordedRuns> {
  const faults: string[] = []
  const runs = new Map<string, RecordedRun>()
  const empty: RunVerdict[] = []
  const proofs = lakeDir === undefined ? { proofs: [], faults: [] } : readAllProofs(lakeDir)
  faults.push(...proofs.faults)
  const proved = new Set(proofs.proofs.map(({ run_id: id }) => id))
  const add = async (bundleDir: string | undefined, runId?: string): Promise<void> => {
    try {
      const isThere = bundleDir !== undefined && existsSync(journalDir(bundleDir))
      const verdict = isThere ? await crashVerdictOf(bundleDir, { check: 'sizes' }) : NOT_AT_HAND
      const stored = find(lakeDir, bundleDir, prefer, runId)
      const span = stored === undefined ? undefined : spanOf(stored)
      if (isThere && span === undefined) empty.push({ run_id: stored?.runId ?? basename(bundleDir), ...verdict })
      if (stored !== undefined && span !== undefined && !runs.has(stored.runId))
        runs.set(stored.runId, { stored, bundleDir, inLake: proved.has(stored.runId), verdict, ...span })
    } catch (error) {
      faults.push(toFailure(error).message)
    }
  }
  for (const bundleDir of bundleDirs) await add(bundleDir)
  for (const runId of proved) if (!runs.has(runId)) await add(undefined, runId)
  const oldestFirst = [...runs.values()].toSorted((a, b) => (a.firstTsNs < b.firstTsNs ? -1 : 1))
  return { runs: oldestFirst, empty, faults: [...new Set(faults)] }
}

function find(lakeDir: string | undefined, bundleDir: string | undefined, prefer: StorePlaces['prefer'], runId?: string) {
  try {
    return findStoredRun({ bundleDir, lakeDir, runId, prefer })
  } catch (error) {
    // A proof that cannot be used: what the journal holds is there nevertheless.
    if (bundleDir === undefined) throw error
    return findStoredRun({ bundleDir })
  }
}

function spanOf({ channels, originTsNs }: StoredRun): { firstTsNs: bigint; lastTsNs: bigint } | undefined {
  let first = Infinity
  let last = -Infinity
  for (const { pieces } of channels) {
    for (const piece of pieces) {
      if (piece.kind === 'journal' && piece.segment.lines === 0) continue
      first = Math.min(first, piece.firstRelNs)
      last = Math.max(last, piece.kind === 'journal' ? piece.segment.endRelNs : Math.max(...piece.parts.map((part) => part.last_rel_ns)))
    }
  }
  return first > last ? undefined : { firstTsNs: originTsNs + BigInt(first), lastTsNs: originTsNs + BigInt(last) }
}

/** How the runs of a day ended. @param faults what else cannot be read */
export function verdictOfRuns(runs: readonly RecordedRun[], faults: readonly string[]): RunsVerdict {
  const states = runs.map(({ verdict }) => verdict.state)
  const told = runs.filter(({ verdict: { state, sentence } }) => state !== 'unknown' && sentence !== '')
  const sentences = told.map(({ stored, verdict }) => (runs.length === 1 ? verdict.sentence : `${stored.runId}: ${verdict.sentence}`))
  return {
    state: worstState(faults.length === 0 ? states : [...states, 'quarantined']),
    sentence: [...sentences, sentenceOf(faults)].filter((text) => text !== '').join(' '),
    runs: runs.map(({ stored, verdict }) => ({ run_id: stored.runId, ...lossesOnly(verdict) }))
  }
}

/** What is to be said of what cannot be read; empty when all is well. */
function sentenceOf(faults: readonly string[]): string {
  const [first, ...more] = faults
  if (first === undefined) return ''
  return more.length === 0 ? first : `${first} And ${more.length} more that cannot be read; the rest plays.`
}

export function storedInOf(runs: Iterable<StoredRun>): StoredIn {
  const kinds = new Set([...runs].flatMap(({ channels }) => channels.flatMap(({ pieces }) => pieces.map(({ kind }) => kind))))
  return kinds.size === 2 ? 'both' : kinds.has('journal') ? 'journal' : 'parquet'
}

/** True when every change of a book is recorded, not those inside event windows only. */
export function keepsAll({ channels }: StoredRun): boolean {
  return channels.some(({ channel, pieces }) => (channel.name === 'frame_raw' || channel.name === 'l2_book') && pieces.length > 0)
}

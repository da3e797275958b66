import type { StoredIn } from '../../../../shared/api/index.ts'
import { toFailure } from '../../../../shared/errors.ts'
import { findStoredRun, readAllProofs, type StoredRun } from '../../lake/index.ts'

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
  /** Receive times of its first and last recorded event, ns since the Unix epoch. */
  readonly firstTsNs: bigint
  readonly lastTsNs: bigint
}

export interface RecordedRuns {
  /** Oldest first. */
  readonly runs: readonly RecordedRun[]
  readonly faults: readonly string[]
}

/** Looks up every run of a lake and of the journals of these bundles. */
export function recordedRuns({ lakeDir, bundleDirs, prefer }: StorePlaces): RecordedRuns {
  const faults: string[] = []
  const runs = new Map<string, RecordedRun>()
  const proofs = lakeDir === undefined ? { proofs: [], faults: [] } : readAllProofs(lakeDir)
  faults.push(...proofs.faults)
  const proved = new Set(proofs.proofs.map(({ run_id: id }) => id))
  const add = (bundleDir: string | undefined, runId?: string): void => {
    try {
      const stored = find(lakeDir, bundleDir, prefer, runId)
      if (stored === undefined || runs.has(stored.runId)) return
      const span = spanOf(stored)
      if (span !== undefined) runs.set(stored.runId, { stored, bundleDir, inLake: proved.has(stored.runId), ...span })
    } catch (error) {
      faults.push(toFailure(error).message)
    }
  }
  for (const bundleDir of bundleDirs) add(bundleDir)
  for (const runId of proved) if (!runs.has(runId)) add(undefined, runId)
  return { runs: [...runs.values()].toSorted((a, b) => (a.firstTsNs < b.firstTsNs ? -1 : 1)), faults: [...new Set(faults)] }
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
      first = Math.min(first, piece.firstRelNs)
      last = Math.max(last, piece.kind === 'journal' ? piece.segment.endRelNs : Math.max(...piece.parts.map((part) => part.last_rel_ns)))
    }
  }
  return first > last ? undefined : { firstTsNs: originTsNs + BigInt(first), lastTsNs: originTsNs + BigInt(last) }
}

export function storedInOf(runs: Iterable<StoredRun>): StoredIn {
  const kinds = new Set([...runs].flatMap(({ channels }) => channels.flatMap(({ pieces }) => pieces.map(({ kind }) => kind))))
  return kinds.size === 2 ? 'both' : kinds.has('journal') ? 'journal' : 'parquet'
}

/** True when every change of a book is recorded, not those inside event windows only. */
export function keepsAll({ channels }: StoredRun): boolean {
  return channels.some(({ channel, pieces }) => (channel.name === 'frame_raw' || channel.name === 'l2_book') && pieces.length > 0)
}

import { StudioError } from '../../../shared/errors.ts'
import { openBundle } from '../bundle/index.ts'
import { TAPE_VERSION } from '../tape/index.ts'
import { recordedTapeOf, runOfBundle, TapeRun } from './runTape.ts'

const SLICE_FRAMES = 20_000

/** What a replay of a whole bundle at full speed gave. Keys as printed. */
export interface ReplayReport {
  readonly ok: boolean
  readonly run_id: string
  readonly run_dir: string
  readonly verdict: string
  readonly frames: number
  readonly events: number
  readonly counts: Readonly<Record<string, number>>
  readonly malformed: number
  readonly fallbacks: number
  readonly stale: number
  readonly crossed: number
  /** Gaps as the timeline counts them, and times that a book had to be made anew. */
  readonly gaps: number
  readonly resyncs: number
  readonly book_hashes: {
    readonly snapshots_verified: number
    readonly snapshots_failed: number
    readonly changes_verified: number
    readonly changes_failed: number
  }
  readonly first_recv_ns: string
  readonly last_recv_ns: string
  readonly fingerprint: string
  /** What the plant wrote when the run ended; null when it did not end cleanly. */
  readonly recorded_fingerprint: string | null
  /** The recorded fingerprint is that of another version of the tape, which makes other events of the same bytes: nothing to compare. */
  readonly recorded_by_other_tape: boolean
  /** Of a replay that stopped at a time: the sum over what a journal keeps up to there. */
  readonly recorded?: string
}

export interface ReplayReportOptions {
  /** Called now and then with the share that is done, 0..1. */
  readonly onProgress?: (share: number) => void
  readonly signal?: AbortSignal
  /** Frames in one go; the result never depends on it. */
  readonly sliceFrames?: number
  /** Ns since the Unix epoch: nothing that was received later is played, and nothing is compared. */
  readonly untilTsNs?: bigint
}

/** What ends a replay at a signal. */
export function stoppedAfter(frames: number): StudioError {
  return new StudioError('ABORTED', `Stopped before the end, after ${frames} frames; nothing was compared.`)
}

/** Replays a bundle as fast as possible. `ok` is false when the recorded fingerprint differs. @throws StudioError when the bundle cannot be opened, or ABORTED */
export async function replayReport(runDir: string, options: ReplayReportOptions = {}): Promise<ReplayReport> {
  const bundle = await openBundle(runDir)
  const facts = runOfBundle(bundle)
  const { untilTsNs } = options
  const untilRelNs = untilTsNs === undefined ? Infinity : Number(untilTsNs - bundle.t0WallNs)
  const recorded = untilTsNs === undefined ? undefined : recordedTapeOf(facts)
  const run = new TapeRun(facts, {
    readAhead: true,
    ...(recorded !== undefined && { onRecords: (bytes: Uint8Array, length: number) => recorded.take(bytes, length) })
  })
  try {
    const total = Math.max(
      1,
      bundle.shards.reduce((sum, log) => sum + log.records, 0)
    )
    const slice = options.sliceFrames ?? SLICE_FRAMES
    for (;;) {
      if (options.signal?.aborted === true) throw stoppedAfter(run.tape.frames)
      const n = run.advance(untilRelNs, slice)
      options.onProgress?.(run.tape.frames / total)
      if (n < slice) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    const whole = report(run, bundle)
    return recorded === undefined ? whole : { ...whole, ok: bundle.verdict.state !== 'damaged', recorded: recorded.summary().sha256 }
  } finally {
    run.close()
    bundle.close()
  }
}

function report({ tape }: TapeRun, bundle: Awaited<ReturnType<typeof openBundle>>): ReplayReport {
  const { sha256, counts } = tape.summary()
  const recorded = bundle.studio?.fingerprint?.sha256 ?? null
  const otherTape = recorded !== null && (bundle.studio?.fingerprint?.tape_version ?? 1) !== TAPE_VERSION
  const { counts: books } = tape.books
  const firsts = bundle.shards.flatMap((log) => (log.firstMonoRelNs === undefined ? [] : [log.firstMonoRelNs]))
  const first = firsts.length === 0 ? 0 : Math.min(...firsts)
  return {
    ok: bundle.verdict.state !== 'damaged' && (recorded === null || otherTape || recorded === sha256),
    run_id: bundle.runId,
    run_dir: bundle.dir,
    verdict: bundle.verdict.state,
    frames: tape.frames,
    events: tape.fingerprint.events,
    counts,
    malformed: tape.malformed,
    fallbacks: tape.fallbacks,
    stale: books.stale,
    crossed: books.crossed,
    gaps: tape.seconds.gapsTotal,
    resyncs: tape.books.resyncs,
    book_hashes: {
      snapshots_verified: books.snapshotHashes.verified,
      snapshots_failed: books.snapshotHashes.failed,
      changes_verified: books.verified,
      changes_failed: books.failed
    },
    first_recv_ns: String(bundle.t0WallNs + BigInt(Math.trunc(first))),
    last_recv_ns: String(bundle.t0WallNs + BigInt(Math.trunc(tape.recvRelNs))),
    fingerprint: sha256,
    recorded_fingerprint: recorded,
    recorded_by_other_tape: otherTape
  }
}

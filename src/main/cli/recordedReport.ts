import type { OpenBundle } from '../engine/bundle/index.ts'
import { storedRecords } from '../engine/lake/index.ts'
import {
  JournalReader,
  lastFrameRelNs,
  openJournal,
  RecordedFingerprint,
  recordsUntil,
  type Keep,
  type ReadProblem
} from '../engine/record/index.ts'
import { TAPE_VERSION } from '../engine/tape/index.ts'
import { rawRecords, withBundle } from '../engine/replay/index.ts'

/** What a run's recorded events are, from one of the places where they are. Keys as printed. */
export interface RecordedReport {
  readonly ok: boolean
  readonly run_id: string
  readonly run_dir: string
  readonly from: RecordedPlace['from']
  /** State of the journal, or of the raw recording. */
  readonly verdict: string
  readonly keep: 'light' | 'all'
  readonly events: number
  readonly counts: Readonly<Record<string, number>>
  readonly recorded: string
  /** As `studio.json` states it; null when the run did not end in order. */
  readonly recorded_fingerprint: string | null
  /** Another version of the tape recorded it, so that the two cannot be compared. */
  readonly recorded_by_other_tape: boolean
  readonly problems?: readonly ReadProblem[]
}

/** Where the recorded events of a run are read: the journal, the Parquet of a lake and nothing else, or the raw bytes. */
export type RecordedPlace = { readonly from: 'journal' } | { readonly from: 'raw' } | { readonly from: 'lake'; readonly lakeDir: string }

interface Read {
  readonly batches: AsyncIterable<Uint8Array>
  readonly isSound: () => boolean
  readonly verdict: string
  readonly keep: Keep | undefined
  readonly problems?: readonly ReadProblem[]
}

/**
 * The recorded fingerprint of a run from one of the places where its events are.
 * @throws StudioError when the bundle cannot be opened, or nothing of it is in the lake
 */
export async function recordedReport(
  runDir: string,
  place: RecordedPlace,
  { signal, untilTsNs }: { readonly signal?: AbortSignal; readonly untilTsNs?: bigint } = {}
): Promise<RecordedReport> {
  return withBundle(runDir, async (bundle) => {
    const stated = bundle.studio?.recorded
    const { batches, isSound, verdict, keep = stated?.keep ?? 'light', problems = [] } = await readerOf(bundle, place, signal)
    const untilRelNs = untilTsNs === undefined ? Infinity : Number(untilTsNs - bundle.t0WallNs)
    const fingerprint = new RecordedFingerprint(keep, bundle.runId, bundle.t0WallNs)
    for await (const bytes of batches) {
      signal?.throwIfAborted()
      const wanted = recordsUntil(bytes, untilRelNs)
      fingerprint.update(wanted)
      if (wanted.length < bytes.length) break
    }
    const { sha256, events, counts } = fingerprint.summary()
    // Journal and lake have the events as they were made; from raw bytes this version of the tape makes them anew.
    const otherTape = place.from === 'raw' && stated !== undefined && (stated.tape_version ?? 1) !== TAPE_VERSION
    return {
      ok: isSound() && (untilTsNs !== undefined || stated === undefined || stated.keep !== keep || otherTape || stated.sha256 === sha256),
      run_id: bundle.runId,
      run_dir: runDir,
      from: place.from,
      verdict,
      keep,
      events,
      counts,
      recorded: sha256,
      recorded_fingerprint: stated?.sha256 ?? null,
      recorded_by_other_tape: otherTape,
      ...(problems.length === 0 ? {} : { problems })
    }
  })
}

async function readerOf(bundle: OpenBundle, place: RecordedPlace, signal: AbortSignal | undefined): Promise<Read> {
  const { verdict, dir, runId } = bundle
  if (place.from === 'lake')
    return { batches: lakeRecords(place.lakeDir, runId, signal), isSound: () => true, verdict: verdict.state, keep: undefined }
  const fromJournal = place.from === 'journal'
  const journal = await openJournal(dir, { pending: fromJournal ? 'salvage' : 'leave', rawEndRelNs: lastFrameRelNs(bundle) })
  const keep = journal.facts?.keep
  if (!fromJournal) {
    const batches = rawRecords(bundle, {
      keep: keep ?? bundle.studio?.recorded?.keep ?? 'light',
      ...(signal === undefined ? {} : { signal })
    })
    return { batches, isSound: () => verdict.state !== 'damaged', verdict: verdict.state, keep }
  }
  const reader = new JournalReader(journal)
  const { problems } = reader
  const isSound = (): boolean => journal.verdict.state === 'ended' && problems.length === 0
  return { batches: reader.batches(), isSound, verdict: journal.verdict.state, keep, problems }
}

async function* lakeRecords(lakeDir: string, runId: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const { bytes, used } of storedRecords({ lakeDir, runId, signal })) yield bytes.subarray(0, used)
}

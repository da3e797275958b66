import { JournalReader, openJournal, RecordedFingerprint, type ReadProblem } from '../engine/record/index.ts'
import { TAPE_VERSION } from '../engine/tape/index.ts'
import { lastFrameRelNs, rawRecords, withBundle } from './rawRecords.ts'

/** What a run's recorded events are, from one of the places where they are. Keys as printed. */
export interface RecordedReport {
  readonly ok: boolean
  readonly run_id: string
  readonly run_dir: string
  readonly from: 'journal' | 'raw'
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

/** The recorded fingerprint of a run from its journal or from its raw bytes. @throws StudioError when the bundle cannot be opened */
export async function recordedReport(runDir: string, from: 'journal' | 'raw', signal?: AbortSignal): Promise<RecordedReport> {
  return withBundle(runDir, async (bundle) => {
    const stated = bundle.studio?.recorded
    const journal = await openJournal(runDir, { pending: from === 'journal' ? 'salvage' : 'leave', rawEndRelNs: lastFrameRelNs(bundle) })
    const keep = journal.facts?.keep ?? stated?.keep ?? 'light'
    const fingerprint = new RecordedFingerprint(keep, bundle.runId, bundle.t0WallNs)
    const reader = new JournalReader(journal)
    const batches = from === 'journal' ? reader.batches() : rawRecords(bundle, { keep, ...(signal === undefined ? {} : { signal }) })
    for await (const bytes of batches) {
      signal?.throwIfAborted()
      fingerprint.update(bytes)
    }
    const { sha256, events, counts } = fingerprint.summary()
    // A journal has the events as they were made; from raw bytes this version of the tape makes them anew.
    const otherTape = from === 'raw' && stated !== undefined && (stated.tape_version ?? 1) !== TAPE_VERSION
    const isSound =
      from === 'journal' ? journal.verdict.state === 'ended' && reader.problems.length === 0 : bundle.verdict.state !== 'damaged'
    return {
      ok: isSound && (stated === undefined || stated.keep !== keep || otherTape || stated.sha256 === sha256),
      run_id: bundle.runId,
      run_dir: runDir,
      from,
      verdict: from === 'journal' ? journal.verdict.state : bundle.verdict.state,
      keep,
      events,
      counts,
      recorded: sha256,
      recorded_fingerprint: stated?.sha256 ?? null,
      recorded_by_other_tape: otherTape,
      ...(reader.problems.length === 0 ? {} : { problems: reader.problems })
    }
  })
}

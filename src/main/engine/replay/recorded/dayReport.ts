import type { OpenDay, RunsVerdict } from '../../../../shared/api/index.ts'
import { AT_LENGTH, AT_RECV, getI64 } from '../../../../shared/channels/index.ts'
import { recordsUntil } from '../../record/index.ts'
import { DayFingerprint } from './dayFingerprint.ts'
import { runRecords } from './dayRecords.ts'
import { mergedRuns } from './mergedRuns.ts'
import { missingOf } from './missing.ts'
import { planDay, type DayRequest } from './openDay.ts'
import { storedInOf, verdictOfRuns } from './storedRuns.ts'

/** What the recorded events of a day are. Keys as printed. */
export interface DayReport {
  /** False when something that was recorded cannot be read or trusted. */
  readonly ok: boolean
  readonly date: string
  readonly time_zone: string
  readonly run_ids: readonly string[]
  readonly stored_in: OpenDay['storedIn']
  readonly mode: OpenDay['mode']
  /** Without those of `health`, as in the fingerprint. */
  readonly events: number
  readonly counts: Readonly<Record<string, number>>
  readonly first_recv_ns: string | null
  readonly last_recv_ns: string | null
  readonly fingerprint: string
  readonly missing: readonly string[]
  readonly verdict: RunsVerdict
  readonly faults: readonly string[]
  /** What is damaged and was read from another place, so that nothing is missing. */
  readonly notes: readonly string[]
}

/** Reads the recorded events of a day once. @param untilTsNs nothing that was received later counts @throws StudioError USAGE, BUNDLE_NOT_FOUND, ABORTED */
export async function dayReport(request: DayRequest, untilTsNs?: bigint): Promise<DayReport> {
  const plan = await planDay(request)
  const { runs, names, choice, timeZone, bounds, faults, notes } = plan
  const fingerprint = new DayFingerprint(runs.map(({ stored }) => stored))
  let first = Infinity
  let last = -Infinity
  for await (const { run, bytes: stretch } of mergedRuns(runs, (one) => runRecords(plan, one, names))) {
    request.signal?.throwIfAborted()
    const bytes = untilTsNs === undefined ? stretch : recordsUntil(stretch, Number(untilTsNs - run.stored.originTsNs))
    if (bytes.length === 0) break
    fingerprint.update(run.n, bytes)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let at = 0
    first = Math.min(first, getI64(view, AT_RECV) + run.shiftNs)
    for (let next = 0; next < bytes.length; next += view.getUint32(next + AT_LENGTH, true)) at = next
    last = Math.max(last, getI64(view, at + AT_RECV) + run.shiftNs)
  }
  const ts = (relNs: number): string | null => (Number.isFinite(relNs) ? String(BigInt(bounds.startMs) * 1_000_000n + BigInt(relNs)) : null)
  const verdict = verdictOfRuns(runs, faults)
  return {
    ok: verdict.state !== 'quarantined',
    date: choice.date,
    time_zone: timeZone,
    run_ids: runs.map(({ stored }) => stored.runId),
    stored_in: storedInOf(runs.map(({ stored }) => stored)),
    mode: choice.mode ?? 'raw',
    events: fingerprint.events,
    counts: fingerprint.counts(),
    first_recv_ns: ts(first),
    last_recv_ns: ts(last),
    fingerprint: fingerprint.digest(),
    missing: missingOf(plan),
    verdict,
    faults,
    notes
  }
}

import { lossesOnly, type CrashVerdict, type SessionState } from '../../../shared/api/index.ts'
import type { OpenBundle } from '../bundle/index.ts'
import { NO_JOURNAL, rawVerdict, verdictOfBoth } from '../record/index.ts'
import { TAPE_VERSION } from '../tape/index.ts'
import { HealthReader } from './healthReader.ts'
import { IndexPass } from './indexPass.ts'
import { readJumps } from './jumpFile.ts'
import { runOfBundle, type RunFacts } from './runTape.ts'
import type { SeekIndex } from './seekIndex.ts'

/** Facts of a session's state that stay as they are. */
export type SourceFacts = Pick<
  SessionState,
  'mode' | 'runId' | 'name' | 'path' | 'venue' | 'synthetic' | 'verdict' | 'originTsNs' | 'recordedFingerprint' | 'day'
>

/** Heartbeats at their own times. */
export interface HealthSource {
  /** Records up to this time that were not handed out yet. */
  until(relNs: number): Uint8Array
  /** Goes on behind this time, with the one that was current then. */
  seek(relNs: number): void
}

/** What a replay plays: a finished bundle, or a run that is still being recorded. */
export interface ReplaySource {
  readonly run: RunFacts
  readonly index: SeekIndex
  readonly facts: SourceFacts
  readonly startRelNs: number
  /** Last receive time; rises while the run is being recorded. */
  readonly endRelNs: number
  health(): HealthSource
  close(): void
}

/**
 * A bundle to be replayed. Several sessions may share it; it is closed by whoever opened it.
 * @param crash how the run ended; left out: as its frame log says
 */
export function sourceOfBundle(bundle: OpenBundle, crash: CrashVerdict = verdictOfBoth(rawVerdict(bundle), NO_JOURNAL)): ReplaySource {
  const run = runOfBundle(bundle)
  let heartbeats: HealthReader | undefined
  const firsts = bundle.shards.flatMap((log) => (log.firstMonoRelNs === undefined ? [] : [log.firstMonoRelNs]))
  const lasts = bundle.shards.flatMap((log) => (log.lastMonoRelNs === undefined ? [] : [log.lastMonoRelNs]))
  const { studio, manifest } = bundle
  // A tape of another version makes other events of the same bytes: its fingerprint is no measure for this one.
  const recorded = (studio?.fingerprint?.tape_version ?? 1) === TAPE_VERSION ? studio?.fingerprint?.sha256 : undefined
  const index = new IndexPass(run, { jumps: readJumps(bundle.dir, recorded) })
  return {
    run,
    index,
    facts: {
      mode: 'replay',
      runId: bundle.runId,
      name: studio?.source ?? manifest.runId,
      path: bundle.dir,
      venue: run.venue,
      synthetic: studio?.synthetic ?? false,
      verdict: { state: crash.state, sentence: crash.sentence, runs: [{ run_id: bundle.runId, ...lossesOnly(crash) }] },
      originTsNs: String(bundle.t0WallNs),
      ...(recorded === undefined ? {} : { recordedFingerprint: recorded })
    },
    startRelNs: firsts.length === 0 ? 0 : Math.min(...firsts),
    endRelNs: lasts.length === 0 ? 0 : Math.max(...lasts),
    health: () => new HealthReader((heartbeats ??= new HealthReader(bundle))),
    close() {
      index.close()
      bundle.close()
    }
  }
}

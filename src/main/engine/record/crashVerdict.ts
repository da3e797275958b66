import { worstState, type CrashVerdict, type JournalVerdict, type RawVerdict } from '../../../shared/api/index.ts'
import { StudioError, toFailure } from '../../../shared/errors.ts'
import { openBundle, type OpenBundle } from '../bundle/index.ts'
import { openJournal, type OpenJournalOptions } from './journal.ts'

/**
 * How a run ended: what its frame log and its journal say. Saves what a crash left of the journal, unless the run is being recorded. Where the
 * journal cannot be looked at, the verdict says so.
 */
export async function crashVerdict(bundle: OpenBundle, options: Omit<OpenJournalOptions, 'rawEndRelNs'> = {}): Promise<CrashVerdict> {
  const raw = rawVerdict(bundle)
  try {
    const { verdict } = await openJournal(bundle.dir, { ...options, rawEndRelNs: lastFrameRelNs(bundle) })
    return verdictOfBoth(raw, verdict)
  } catch (error) {
    const sentence = `${raw.sentence} The journal could not be looked at: ${toFailure(error).message}`.trim()
    return { state: worstState([raw.state, 'unknown']), sentence, raw, journal: null }
  }
}

/** The same of a folder that may have no frame log any more. Its bytes are not looked at where their index fits. */
export async function crashVerdictOf(dir: string, options: Omit<OpenJournalOptions, 'rawEndRelNs'>): Promise<CrashVerdict> {
  try {
    const bundle = await openBundle(dir, { scan: 'quick' })
    try {
      return await crashVerdict(bundle, options)
    } finally {
      bundle.close()
    }
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'BUNDLE_FOREIGN') return unknown(toFailure(error).message)
    return openJournal(dir, options).then(
      ({ verdict }) => verdictOfBoth(null, verdict),
      (failed: unknown) => unknown(toFailure(failed).message)
    )
  }
}

function unknown(sentence: string): CrashVerdict {
  return { state: 'unknown', sentence: `How the run ended is not known: ${sentence}`, raw: null, journal: null }
}

/** @param raw null where there is no frame log */
export function verdictOfBoth(raw: RawVerdict | null, journal: JournalVerdict): CrashVerdict {
  const isThere = journal.state !== 'none'
  const states = [...(raw === null ? [] : [raw.state]), ...(journal.state === 'none' ? [] : [journal.state])]
  const sentences = [raw?.sentence ?? '', isThere && journal.state !== 'ended' && journal.state !== 'recording' ? journal.sentence : '']
  return { state: worstState(states), sentence: sentences.filter((text) => text !== '').join(' '), raw, journal: isThere ? journal : null }
}

/** What the frame log of an open bundle says. */
export function rawVerdict({ verdict: { state, sentence, lost, damage } }: OpenBundle): RawVerdict {
  return {
    state: state === 'capturing' ? 'recording' : state === 'damaged' ? 'quarantined' : state,
    sentence,
    lost: [
      ...lost.map(({ shard, droppedBytes: bytes, reason: why }) => ({ shard, bytes, why })),
      ...damage.map(({ shard, fromOffset, toOffset, reason: why }) => ({ shard, bytes: toOffset - fromOffset, why }))
    ]
  }
}

/** Receive time of the last frame of a run, ns since its origin; undefined for an empty one. */
export function lastFrameRelNs(bundle: OpenBundle): number | undefined {
  const ends = bundle.shards.flatMap((log) => (log.lastMonoRelNs === undefined ? [] : [log.lastMonoRelNs]))
  return ends.length === 0 ? undefined : Math.max(...ends)
}

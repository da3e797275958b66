import { openBundle, readStudioFacts, type OpenBundle, type StudioFacts } from '../../bundle/index.ts'
import { TAPE_VERSION } from '../../tape/index.ts'
import { HealthReader } from '../healthReader.ts'
import { rawRecords } from '../rawRecords.ts'
import type { RecordStreams } from '../../lake/index.ts'
import type { RecordedRun } from './storedRuns.ts'

const BEATS_NS = 60e9

/**
 * What was recorded of a run, derived anew from its frame log: events and heartbeats, as `recordedEvents` wants them. Nothing where the log
 * cannot stand for the record: it is not here, damaged, still written, or another version of the tape made the record.
 */
export async function frameLogOf(
  { bundleDir, verdict }: Pick<RecordedRun, 'bundleDir' | 'verdict'>,
  signal: AbortSignal | undefined
): Promise<RecordStreams | undefined> {
  if (bundleDir === undefined || !(await isWhole(bundleDir))) return undefined
  const recorded = studioFactsOf(bundleDir)?.recorded
  if (recorded !== undefined && (recorded.tape_version ?? 1) !== TAPE_VERSION) return undefined
  const keep = verdict.journal?.keep ?? recorded?.keep ?? 'light'
  return [opened(bundleDir, (bundle) => rawRecords(bundle, { keep, signal })), opened(bundleDir, heartbeats)]
}

/** Every byte is looked at: what is missing in a log would be missing without a word. */
async function isWhole(dir: string): Promise<boolean> {
  try {
    const bundle = await openBundle(dir, { scan: 'full', readOnly: true })
    bundle.close()
    return bundle.verdict.state === 'ended' || bundle.verdict.state === 'recovered'
  } catch {
    // There is no log.
    return false
  }
}

async function* opened(dir: string, read: (bundle: OpenBundle) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bundle = await openBundle(dir, { scan: 'quick' })
  try {
    yield* read(bundle)
  } finally {
    bundle.close()
  }
}

async function* heartbeats(bundle: OpenBundle): AsyncGenerator<Uint8Array> {
  const reader = new HealthReader(bundle)
  const lastRelNs = Math.max(0, ...bundle.shards.map((log) => log.lastMonoRelNs ?? 0))
  for (let relNs = BEATS_NS; relNs < lastRelNs; relNs += BEATS_NS) yield await Promise.resolve(reader.until(relNs))
  yield reader.until(Infinity)
}

/** What is said beside a run; nothing where that cannot be read. */
export function studioFactsOf(dir: string): StudioFacts | undefined {
  try {
    return readStudioFacts(dir)
  } catch {
    // It only adds to what the record says.
    return undefined
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { MissedStretch } from '../../../shared/api/index.ts'
import type { Keep } from './keepFilter.ts'
import { publishText, type RecordDisk } from './recordDisk.ts'

export const JOURNAL_VERSION = 1

/** What `journal/journal.json` says of a journal. */
export interface JournalFacts {
  readonly schemaVersion: number
  readonly runId: string
  readonly t0WallNs: bigint
  readonly venue: string
  readonly keep: Keep
  readonly recorderVersion: number
  readonly missed: readonly MissedStretch[]
  /** Lines by channel that are on disk by what the recorder knows, once it has ended; undefined before. */
  readonly ended: Readonly<Record<string, number>> | undefined
}

const counts = z.record(z.string(), z.int().nonnegative())
const schema = z.looseObject({
  schema_version: z.int(),
  run_id: z.string(),
  t0_wall_ns_utc: z.string().regex(/^\d+$/),
  venue: z.string(),
  keep: z.enum(['light', 'all']),
  recorder_version: z.int(),
  missed: z.array(z.object({ why: z.enum(['behind', 'disk']), from_t: z.int(), to_t: z.int(), counts })).optional(),
  ended: counts.nullable().optional()
})

/** The journal's folder in a run bundle. */
export function journalDir(runDir: string): string {
  return join(runDir, 'journal')
}

/** What the journal of a run keeps; undefined when it has none, or does not say. */
export function keepOfJournal(runDir: string): Keep | undefined {
  try {
    const read = parseJournalFacts(readFileSync(join(journalDir(runDir), 'journal.json'), 'utf8'))
    return read.outcome === 'read' ? read.facts.keep : undefined
  } catch {
    return undefined
  }
}

export type FactsRead =
  | { readonly outcome: 'read'; readonly facts: JournalFacts }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'damaged'; readonly why: string }

/** Reads `journal.json` from its text. */
export function parseJournalFacts(text: string | undefined): FactsRead {
  if (text === undefined) return { outcome: 'missing' }
  try {
    const result = schema.safeParse(JSON.parse(text))
    if (!result.success) return { outcome: 'damaged', why: `${result.error.issues[0]?.path.join('.') || 'the whole'} is wrong` }
    const { data } = result
    if (data.schema_version > JOURNAL_VERSION) return { outcome: 'damaged', why: `a newer version wrote it (${data.schema_version})` }
    return {
      outcome: 'read',
      facts: {
        schemaVersion: data.schema_version,
        runId: data.run_id,
        t0WallNs: BigInt(data.t0_wall_ns_utc),
        venue: data.venue,
        keep: data.keep,
        recorderVersion: data.recorder_version,
        missed: data.missed ?? [],
        ended: data.ended ?? undefined
      }
    }
  } catch {
    return { outcome: 'damaged', why: 'it is not JSON' }
  }
}

/** Writes `journal.json` in one step. @throws the operating system's error */
export function writeJournalFacts(disk: RecordDisk, root: string, facts: JournalFacts): void {
  const fields = {
    schema_version: facts.schemaVersion,
    run_id: facts.runId,
    t0_wall_ns_utc: facts.t0WallNs.toString(),
    venue: facts.venue,
    keep: facts.keep,
    recorder_version: facts.recorderVersion,
    missed: facts.missed,
    ended: facts.ended ?? null
  }
  publishText(disk, join(root, 'journal.json'), `${JSON.stringify(fields)}\n`)
}

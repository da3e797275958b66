import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalVerdict, Quarantined } from '../../../shared/api/index.ts'
import { isoMicros } from '../../../shared/channels/eventTime.ts'
import { CHANNELS, type ChannelName } from '../../../shared/channels/index.ts'
import { isBeingCaptured, readManifest } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import { eventIdsOf } from '../tape/index.ts'
import { inspectChannel, type ChannelInspection, type JournalCheck, type PendingRule } from './inspectChannel.ts'
import { journalDir, parseJournalFacts, type FactsRead, type JournalFacts } from './journalFacts.ts'
import { withJournalLock } from './journalLock.ts'
import { NO_JOURNAL, verdictOf } from './journalVerdict.ts'
import { removeIfThere } from './leftovers.ts'
import { hostRecordDisk, unpublished, type RecordDisk } from './recordDisk.ts'
import { TimeText } from './timeText.ts'

export interface OpenJournalOptions {
  /** Default: salvage. A journal that is being written is left alone in any case. */
  readonly pending?: PendingRule
  /** Default: bytes. */
  readonly check?: JournalCheck
  readonly disk?: RecordDisk
  /** Receive time of the last frame of the log, ns since the run's origin, for the verdict; undefined when it is not known. */
  readonly rawEndRelNs?: number | undefined
  /** Where the journal lies; left out: `journal/` in the run's folder. */
  readonly root?: string
}

/** A journal that was looked at: which segments are sound, and what is to be said of the rest. */
export interface Journal {
  readonly root: string
  readonly runId: string
  /** undefined when journal.json is missing or damaged. */
  readonly facts: JournalFacts | undefined
  /** Channels in the order of their wire ids; only sound segments. */
  readonly channels: readonly ChannelInspection[]
  readonly verdict: JournalVerdict
}

const KNOWN: ReadonlySet<string> = new Set(CHANNELS.map(({ name }): string => name))

/**
 * Looks at the journal of a run, every byte of it unless told otherwise, saves what a crash left (see `pending`), and says what can be trusted.
 * @throws StudioError when the folder is no run bundle, BUSY when another process is saving the same journal
 */
export async function openJournal(runDir: string, options: OpenJournalOptions = {}): Promise<Journal> {
  const { runId, t0WallNs } = readManifest(runDir)
  const root = options.root ?? journalDir(runDir)
  const disk = options.disk ?? hostRecordDisk
  const isRecording = options.root === undefined && isBeingCaptured(runDir, Number(hostClock.wallNs() / 1_000_000n))
  if (!hasJournal(root)) return { root, runId, facts: undefined, channels: [], verdict: NO_JOURNAL }
  const read = factsOf(disk, root)
  const pending = isRecording ? 'leave' : (options.pending ?? 'salvage')
  const eventId = eventIdsOf(runId)
  const nowText = (): string => `${isoMicros(hostClock.wallNs()).slice(0, 19)}Z`
  const times = new TimeText(t0WallNs)
  const dateOf = (relNs: number): string => times.date(relNs)
  const { names, foreign } = channelsIn(root)
  const channels: ChannelInspection[] = []
  const inspect = async (): Promise<void> => {
    for (const name of names)
      channels.push(await inspectChannel(name, { disk, root, pending, check: options.check ?? 'bytes', dateOf, eventId, nowText }))
    if (pending !== 'leave') removeIfThere(disk, unpublished(join(root, 'journal.json')))
  }
  await (pending === 'leave' ? inspect() : withJournalLock(root, inspect))
  const isForeign = read.outcome === 'read' && (read.facts.runId !== runId || read.facts.t0WallNs !== t0WallNs)
  const facts: FactsRead = isForeign ? { outcome: 'damaged', why: `it is of another run, ${read.facts.runId}` } : read
  const verdict = verdictOf({ facts, channels, rawEndRelNs: options.rawEndRelNs, isRecording, foreign })
  return { root, runId, facts: facts.outcome === 'read' ? facts.facts : undefined, channels, verdict }
}

/** A run that was killed in its first moment has left an empty folder at most. */
function hasJournal(root: string): boolean {
  return existsSync(root) && readdirSync(root).some((name) => name === 'journal.json' || name.startsWith('ch='))
}

function factsOf(disk: RecordDisk, root: string): FactsRead {
  try {
    return parseJournalFacts(disk.readText(join(root, 'journal.json')))
  } catch (error) {
    return { outcome: 'damaged', why: `it cannot be read (${(error as Error).message})` }
  }
}

function channelsIn(root: string): { names: ChannelName[]; foreign: Quarantined[] } {
  const folders = readdirSync(root).filter((name) => name.startsWith('ch='))
  const names = CHANNELS.map(({ name }) => name).filter((name) => folders.includes(`ch=${name}`))
  const foreign = folders.filter((folder) => !KNOWN.has(folder.slice(3))).map((path) => ({ path, why: 'there is no such channel' }))
  return { names, foreign }
}

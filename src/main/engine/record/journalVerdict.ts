import type { ChannelInspection, Quarantined } from './inspectChannel.ts'
import type { FactsRead, MissedStretch } from './journalFacts.ts'

/** What one channel lost; absent figures are not known without deriving it again from the raw bytes. */
export interface ChannelLoss {
  readonly channel: string
  /** Lines that are there and sound. */
  readonly lines: number
  readonly segments: number
  /** Lines and segments that went on purpose: the lake holds them. */
  readonly retired_lines?: number
  readonly retired_segments?: number
  /** Lines that were acknowledged or counted and are not there. */
  readonly lost_lines?: number
  readonly lost_bytes?: number
  /** Lines that stand in two segments, after a fault of the disk; each counts once. */
  readonly repeated_lines?: number
  /** Nothing of this channel was kept for the last so many seconds of the recording, at most. */
  readonly lost_seconds_at_most?: number
  readonly salvaged_segments?: number
  readonly quarantined?: readonly Quarantined[]
  readonly notes?: readonly string[]
}

/** The state of a journal after opening it, as printed. */
export interface JournalVerdict {
  /**
   * none: there is no journal. recording: it is being written. ended: complete. recovered: what is there is sound, what is lost is stated.
   * quarantined: something cannot be trusted and is left out; the raw bytes are kept.
   */
  readonly state: 'none' | 'recording' | 'ended' | 'recovered' | 'quarantined'
  /** For people. */
  readonly sentence: string
  readonly keep: 'light' | 'all' | null
  readonly channels: readonly ChannelLoss[]
  readonly missed: readonly MissedStretch[]
  readonly quarantined: readonly Quarantined[]
}

export interface VerdictInput {
  readonly facts: FactsRead
  readonly channels: readonly ChannelInspection[]
  /** Receive time of the last frame of the log, ns since the run's origin; undefined where there is no log. */
  readonly rawEndRelNs: number | undefined
  readonly isRecording: boolean
  /** Beside the channels: folders and files that are no part of a journal. */
  readonly foreign: readonly Quarantined[]
}

export const NO_JOURNAL: JournalVerdict = {
  state: 'none',
  sentence: 'This run has no journal.',
  keep: null,
  channels: [],
  missed: [],
  quarantined: []
}

/** Makes the verdict of what was found. */
export function verdictOf(input: VerdictInput): JournalVerdict {
  const { facts, channels } = input
  const read = facts.outcome === 'read' ? facts.facts : undefined
  const bad = [...channels.flatMap(({ quarantined }) => quarantined), ...input.foreign]
  if (facts.outcome === 'damaged') bad.push({ path: 'journal.json', why: facts.why })
  if (facts.outcome === 'missing') bad.push({ path: 'journal.json', why: 'it is missing' })
  const isUnended = read !== undefined && read.ended === undefined
  const latest = Math.max(
    -Infinity,
    ...channels.flatMap(({ segments, retired }) => [...segments, ...retired].map((segment) => segment.end_t))
  )
  const tailNs = isUnended && input.rawEndRelNs !== undefined ? Math.max(0, input.rawEndRelNs - latest) : undefined
  const losses = channels.map((channel) => lossOf(channel, read?.ended, tailNs))
  for (const [name, lines] of Object.entries(read?.ended ?? {}))
    if (lines > 0 && !channels.some(({ channel }) => channel === name)) bad.push({ path: `ch=${name}`, why: 'it is missing', lines })
  const missed = read?.missed ?? []
  const hasLoss =
    isUnended ||
    missed.length > 0 ||
    losses.some((loss) => (loss.lost_lines ?? 0) !== 0 || (loss.lost_bytes ?? 0) > 0 || loss.notes !== undefined)
  const state = input.isRecording ? 'recording' : bad.length > 0 ? 'quarantined' : hasLoss ? 'recovered' : 'ended'
  return {
    state,
    sentence: sentenceOf(state, bad, losses, missed, tailNs),
    keep: read?.keep ?? null,
    channels: losses,
    missed,
    quarantined: bad
  }
}

function lossOf(found: ChannelInspection, ended: Readonly<Record<string, number>> | undefined, tailNs: number | undefined): ChannelLoss {
  const { channel, segments, retired, salvaged, quarantined, notes } = found
  const lines = segments.reduce((sum, segment) => sum + segment.lines, 0)
  const retiredLines = retired.reduce((sum, segment) => sum + segment.lines, 0)
  const cut = salvaged.reduce((sum, one) => sum + (one.lost_lines ?? 0), 0)
  const gone = quarantined.reduce((sum, one) => sum + (one.lines ?? 0), 0)
  const lostLines = ended === undefined ? cut + gone : (ended[channel] ?? 0) - lines - retiredLines
  const lostBytes = salvaged.reduce((sum, one) => sum + one.lost_bytes, found.pendingBytes)
  return {
    channel,
    lines,
    segments: segments.length,
    ...(retired.length === 0 ? {} : { retired_lines: retiredLines, retired_segments: retired.length }),
    ...(lostLines > 0 ? { lost_lines: lostLines } : {}),
    ...(lostLines < 0 ? { repeated_lines: -lostLines } : {}),
    ...(lostBytes === 0 ? {} : { lost_bytes: lostBytes }),
    ...(tailNs === undefined ? {} : { lost_seconds_at_most: Math.round(tailNs / 1e6) / 1000 }),
    ...(salvaged.length === 0 ? {} : { salvaged_segments: salvaged.length }),
    ...(quarantined.length === 0 ? {} : { quarantined }),
    ...(notes.length === 0 ? {} : { notes })
  }
}

function sentenceOf(
  state: JournalVerdict['state'],
  bad: readonly Quarantined[],
  losses: readonly ChannelLoss[],
  missed: readonly MissedStretch[],
  tailNs: number | undefined
): string {
  const count = missed.reduce((sum, stretch) => sum + Object.values(stretch.counts).reduce((n, more) => n + more, 0), 0)
  const gap = count === 0 ? '' : ` ${count} events are in the raw recording only.`
  const rebuilt = ' The raw recording is kept; the journal can be made again from it.'
  switch (state) {
    case 'none':
      return NO_JOURNAL.sentence
    case 'recording':
      return 'The journal is being written.'
    case 'ended':
      return 'The journal is complete.'
    case 'recovered': {
      const lines = losses.reduce((sum, loss) => sum + (loss.lost_lines ?? 0), 0)
      const tail =
        tailNs === undefined
          ? ''
          : ` The recording did not end in order: at most the last ${(tailNs / 1e9).toFixed(1)} s are not in the journal.`
      return `What is in the journal is sound.${tail}${lines > 0 ? ` ${lines} lines are lost.` : ''}${gap}${rebuilt}`
    }
    case 'quarantined':
      return `${bad.length === 1 ? 'A part' : `${bad.length} parts`} of the journal cannot be trusted and ${bad.length === 1 ? 'is' : 'are'} left out: ${bad[0]?.path}: ${bad[0]?.why}.${gap}${rebuilt}`
  }
}

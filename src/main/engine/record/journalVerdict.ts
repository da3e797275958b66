import type { ChannelLoss, JournalVerdict, MissedStretch, Quarantined } from '../../../shared/api/index.ts'
import type { ChannelInspection } from './inspectChannel.ts'
import type { FactsRead, JournalFacts } from './journalFacts.ts'

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
  const isUnended = !input.isRecording && read !== undefined && read.ended === undefined
  const latest = Math.max(
    -Infinity,
    ...channels.flatMap(({ segments, retired }) => [...segments, ...retired].map((segment) => segment.end_t))
  )
  const tailNs = isUnended && input.rawEndRelNs !== undefined ? Math.max(0, input.rawEndRelNs - latest) : undefined
  const losses = channels.map((channel) => lossOf(channel, read, input.isRecording, tailNs))
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

function lossOf(found: ChannelInspection, facts: JournalFacts | undefined, isRecording: boolean, tailNs: number | undefined): ChannelLoss {
  const { channel, segments, retired, salvaged, quarantined, notes, pendingSegments } = found
  const lines = segments.reduce((sum, segment) => sum + segment.lines, 0)
  const retiredLines = retired.reduce((sum, segment) => sum + segment.lines, 0)
  const cut = salvaged.reduce((sum, one) => sum + (one.lost_lines ?? 0), 0)
  const gone = quarantined.reduce((sum, one) => sum + (one.lines ?? 0), 0)
  const lostLines = facts?.ended === undefined ? cut + gone : (facts.ended[channel] ?? 0) - lines - retiredLines
  const lostBytes = salvaged.reduce((sum, one) => sum + one.lost_bytes, isRecording ? 0 : found.pendingBytes)
  const missed = facts?.missed.filter(({ counts }) => (counts[channel] ?? 0) > 0) ?? []
  const missedLines = missed.reduce((sum, { counts }) => sum + (counts[channel] ?? 0), 0)
  const lostNs = [...missed, ...quarantined].reduce((sum, { from_t: from = 0, to_t: to = 0 }) => sum + to - from, tailNs ?? 0)
  return {
    channel,
    lines,
    segments: segments.length,
    ...(retired.length === 0 ? {} : { retired_lines: retiredLines, retired_segments: retired.length }),
    ...(lostLines > 0 ? { lost_lines: lostLines } : {}),
    ...(lostLines < 0 ? { repeated_lines: -lostLines } : {}),
    ...(lostBytes === 0 ? {} : { lost_bytes: lostBytes }),
    ...(missedLines === 0 ? {} : { missed_lines: missedLines }),
    ...(tailNs === undefined && lostNs === 0 ? {} : { lost_seconds_at_most: Math.round(lostNs / 1e6) / 1000 }),
    ...(salvaged.length === 0 ? {} : { salvaged_segments: salvaged.length }),
    ...(pendingSegments === 0 ? {} : { pending_segments: pendingSegments }),
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

import type { ChannelLoss, CrashState, RunVerdict } from '../../shared/api/index.ts'
import { bytesText, countText } from './humanText.ts'

/** How a recording ended, in a word. */
export function verdictText(state: CrashState): string {
  return { ended: 'Ended', unknown: 'Not known', recording: 'Recording', recovered: 'Recovered', quarantined: 'Quarantined' }[state]
}

/** What a run lost in one place. */
export interface LossRow {
  /** A channel of the journal, or a shard of the frame log. */
  readonly place: string
  readonly kept: string
  readonly lost: string
  readonly seconds: string
  readonly why: string
}

/** What a run lost: in its frame log by shard, in its journal by channel. */
export function lossRows({ raw, journal }: RunVerdict): readonly LossRow[] {
  const shards = (raw?.lost ?? []).map(({ shard, bytes, why }): LossRow => ({
    place: `raw, shard ${shard}`,
    kept: '',
    lost: bytesText(bytes),
    seconds: '',
    why
  }))
  return [...shards, ...(journal?.channels ?? []).map(channelRow)]
}

function channelRow(loss: ChannelLoss): LossRow {
  const { channel, lines, lost_seconds_at_most: seconds } = loss
  return {
    place: channel,
    kept: countText(lines),
    lost: lostText(loss),
    seconds: seconds === undefined ? '' : `at most ${seconds.toFixed(1)} s`,
    why: whyText(loss)
  }
}

/** An end that was never written has no count: only the raw bytes know. */
function lostText({ lost_lines: lines, missed_lines: missed, lost_bytes: bytes, lost_seconds_at_most: seconds }: ChannelLoss): string {
  const parts = [
    ...(lines === undefined ? [] : [`${countText(lines)} events`]),
    ...(missed === undefined ? [] : [`${countText(missed)} events left to the raw bytes`]),
    ...(bytes === undefined ? [] : [`${bytesText(bytes)} unproved`])
  ]
  return parts.length > 0 ? parts.join(', ') : seconds === undefined || seconds === 0 ? '' : 'not counted'
}

function whyText({ quarantined = [], notes = [], pending_segments: pending = 0, salvaged_segments: salvaged = 0 }: ChannelLoss): string {
  return [
    ...quarantined.map(({ path, why }) => `${path.slice(path.lastIndexOf('/') + 1)}: ${why}; the raw bytes are kept.`),
    ...notes,
    ...(salvaged === 0 ? [] : [`${salvaged} unfinished ${salvaged === 1 ? 'segment' : 'segments'} saved.`]),
    ...(pending === 0 ? [] : [`${pending} ${pending === 1 ? 'segment' : 'segments'} not finished.`])
  ].join(' ')
}

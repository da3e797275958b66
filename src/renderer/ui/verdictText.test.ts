import { expect, test } from 'vitest'
import type { ChannelLoss, RunVerdict } from '../../shared/api/index.ts'
import { countText } from './humanText.ts'
import { lossRows } from './verdictText.ts'

const run = (channels: readonly ChannelLoss[]): RunVerdict => ({
  run_id: 'a',
  state: 'quarantined',
  sentence: '',
  raw: { state: 'recovered', sentence: '', lost: [{ shard: 2, bytes: 312, why: 'torn' }] },
  journal: { state: 'quarantined', sentence: '', keep: 'light', channels, missed: [], quarantined: [] }
})

test('what a run lost is told by shard and channel, in seconds and counts', () => {
  const rows = lossRows(
    run([
      { channel: 'tape_trades', lines: 1200, segments: 2, lost_seconds_at_most: 0.296, salvaged_segments: 1 },
      { channel: 'l2_snap_1s', lines: 40, segments: 1, lost_lines: 1020, missed_lines: 3, lost_bytes: 17, lost_seconds_at_most: 60 }
    ])
  )
  expect(rows).toEqual([
    { place: 'raw, shard 2', kept: '', lost: '312 B', seconds: '', why: 'torn' },
    { place: 'tape_trades', kept: countText(1200), lost: 'not counted', seconds: 'at most 0.3 s', why: '1 unfinished segment saved.' },
    {
      place: 'l2_snap_1s',
      kept: '40',
      lost: `${countText(1020)} events, 3 events left to the raw bytes, 17 B unproved`,
      seconds: 'at most 60.0 s',
      why: ''
    }
  ])
})

test('a segment that is left out is named with the reason', () => {
  const path = 'ch=metar_obs/date=2026-11-20/segment_20261120_150001_1.jsonl.zst'
  const [, row] = lossRows(
    run([{ channel: 'metar_obs', lines: 0, segments: 0, lost_lines: 4, quarantined: [{ path, why: 'it is empty', lines: 4 }] }])
  )
  expect(row).toMatchObject({ lost: '4 events', why: 'segment_20261120_150001_1.jsonl.zst: it is empty; the raw bytes are kept.' })
})

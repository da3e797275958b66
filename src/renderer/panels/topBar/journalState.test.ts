import { expect, test } from 'vitest'
import { journalState } from './journalState.ts'

const beat = (fields: object): string => JSON.stringify({ record_type: 'heartbeat', journal_lines: 12_345, ...fields })

test('a recording without a journal has no state of one', () => {
  expect([journalState(''), journalState('{'), journalState('{"frames":1}')]).toEqual([undefined, undefined, undefined])
})

test('a journal that keeps up says how much it has', () => {
  expect(journalState(beat({ journal_lag_ms: 120, journal_missed_lines: 0, journal_faults: 0 }))).toEqual({
    state: 'open',
    lines: ['Journal: 12\u2009345 events kept']
  })
})

test('one that is late or refused by the disk says so, and one that missed events says how many', () => {
  expect(journalState(beat({ journal_lag_ms: 7300, journal_queue_bytes: 8_000_000, journal_faults: 2 }))).toEqual({
    state: 'silent',
    lines: ['Journal: 12\u2009345 events kept', 'It is 7.3 s behind; 8.0 MB wait', 'The disk refused it 2 times; it was tried again']
  })
  expect(journalState(beat({ journal_missed_lines: 1 }))).toEqual({
    state: 'closed',
    lines: ['Journal: 12\u2009345 events kept', '1 event is in the raw recording only: the journal could not keep up']
  })
})

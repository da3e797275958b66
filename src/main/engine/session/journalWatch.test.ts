import { expect, test } from 'vitest'
import { JournalWatch } from './journalWatch.ts'

const beat = (missed: number, faults = 0): string => JSON.stringify({ elapsed_ns: 1, journal_missed_lines: missed, journal_faults: faults })

/** What is told at which heartbeat. */
function told(beats: readonly string[]): readonly string[] {
  const watch = new JournalWatch()
  return beats.flatMap((one, n) => {
    const notice = watch.take(one)
    return notice === undefined ? [] : [`${n} ${notice.level}: ${notice.text}`]
  })
}

test('a recorder that keeps up, and a capture without one, say nothing', () => {
  expect(told([beat(0), beat(0), '{"elapsed_ns":2}', 'no JSON', beat(0)])).toEqual([])
})

test('falling behind is told once while it lasts, and so is that it is over, with what is missing', () => {
  const calm = Array.from({ length: 7 }, () => beat(5210))
  expect(told([beat(0), beat(1200), beat(3000), beat(3000), beat(5210), ...calm, beat(5211)])).toEqual([
    '1 warning: The journal cannot keep up: 1200 events are in the raw recording only so far. The raw recording goes on and loses nothing. Look at free space and load of this computer.',
    '9 info: The journal keeps up again; 5210 events are in the raw recording only. When the recording has ended, tapedeck journal-rebuild makes a whole journal from it.',
    '12 warning: The journal cannot keep up: 5211 events are in the raw recording only so far. The raw recording goes on and loses nothing. Look at free space and load of this computer.'
  ])
})

test('a disk that refuses is told, then what that cost', () => {
  const after = (missed: number): string[] => Array.from({ length: 42 }, () => beat(missed, 3))
  expect(told([beat(0), beat(0, 1), beat(0, 3), ...after(0)])).toEqual([
    '1 warning: The disk refuses to take the journal; it is tried again, and what waits is kept in memory. The raw recording goes on and loses nothing. Look at free space and load of this computer.',
    '42 info: The disk takes the journal again; nothing of it is missing.'
  ])
  const both = told([beat(0), beat(0, 1), beat(1, 3), ...after(1)])
  expect(both.map((text) => text.slice(0, 26))).toEqual([
    '1 warning: The disk refuse',
    '2 warning: The journal can',
    '7 info: The journal keeps '
  ])
  expect(both[1]).toContain('1 event is in the raw recording only')
})

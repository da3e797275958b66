import { expect, test } from 'vitest'
import { CHANNELS, WINDOW_TRIGGERS, type EventWindow } from '../../../../shared/channels/index.ts'
import { RecordWriter } from '../recordWriter.ts'
import { recordsIn, S, TestTape } from '../testTape.ts'
import { EventWindows, WINDOW_SECONDS } from './eventWindows.ts'

const written = (w: RecordWriter): EventWindow[] => recordsIn(w.bytes, w.length) as EventWindow[]
const subject = { instrumentId: 7, key: 'm' }

/** Windows on a writer whose frames come when the test says. */
function windowsAt(): { w: RecordWriter; windows: EventWindows; frame: (seconds: number) => void } {
  const w = new RecordWriter()
  const windows = new EventWindows(w)
  let frames = 0
  const frame = (seconds: number): void => {
    w.cause(0, frames++, seconds * S)
    windows.closeDue(seconds * S)
  }
  return { w, windows, frame }
}

test.each(WINDOW_TRIGGERS)('a window of %s closes after its duration, to the nanosecond', (trigger) => {
  const { w, windows, frame } = windowsAt()
  frame(10)
  windows.start(trigger, subject, 'why')
  const seconds = WINDOW_SECONDS[trigger]
  frame(10 + seconds - 1e-9)
  expect(windows.openCount).toBe(1)
  frame(10 + seconds)
  expect(windows.openCount).toBe(0)
  const [start, end] = written(w)
  expect(start).toMatchObject({
    action: 'START',
    trigger,
    durationS: seconds,
    startRelNs: 10 * S,
    recvRelNs: 10 * S,
    instrumentId: 7,
    text: 'why'
  })
  expect(end).toMatchObject({ action: 'END', trigger, durationS: seconds, startRelNs: 10 * S, recvRelNs: (10 + seconds) * S, text: 'why' })
})

test('both ends name the START as their cause', () => {
  const { w, windows, frame } = windowsAt()
  frame(1)
  w.begin(CHANNELS[0], 0, 0, 0)
  windows.start('MANUAL', subject, '')
  windows.start('METAR', subject, '')
  frame(500)
  const [, first, second, ...ends] = written(w)
  expect([first, second].map((event) => [event!.causeShard, event!.causeFrameIdx, event!.causePos, event!.pos])).toEqual([
    [0, 0, 1, 1],
    [0, 0, 2, 2]
  ])
  expect(ends.map(({ causeShard, causeFrameIdx, causePos }) => [causeShard, causeFrameIdx, causePos])).toEqual([
    [0, 0, 1],
    [0, 0, 2]
  ])
})

test('windows overlap, and each ends in its own time', () => {
  const { w, windows, frame } = windowsAt()
  frame(0)
  windows.start('METAR', subject, 'a')
  frame(5)
  windows.start('MID_SHOCK', subject, 'b')
  windows.start('MID_SHOCK', subject, 'c')
  expect(windows.openCount).toBe(3)
  for (let second = 6; second < 200; second++) frame(second)
  expect(written(w).map(({ action, text, recvRelNs }) => `${action} ${text} ${recvRelNs / S}`)).toEqual([
    'START a 0',
    'START b 5',
    'START c 5',
    'END b 65',
    'END c 65',
    'END a 120'
  ])
})

test('the starts of the windows that are open are those that were written, byte for byte, made longer or not', () => {
  const { w, windows, frame } = windowsAt()
  windows.extend = true
  frame(1)
  windows.start('MANUAL', subject, 'ended by then')
  frame(2)
  w.begin(CHANNELS[0], 0, 0, 0)
  windows.start('METAR', subject, 'a report – with a dash')
  windows.start('MID_SHOCK', subject, 'a shock')
  frame(50)
  windows.start('MID_SHOCK', subject, 'made longer')
  frame(61)
  const starts = written(w).filter(({ action, text }) => action === 'START' && text !== 'ended by then')
  expect(windows.starts().flatMap((bytes) => recordsIn(bytes, bytes.length))).toEqual(starts)
  expect(starts).toHaveLength(2)
})

test('a new trigger opens a new window, unless windows are to be extended', () => {
  const { w, windows, frame } = windowsAt()
  windows.extend = true
  frame(0)
  windows.start('MANUAL', subject, 'a')
  frame(50)
  windows.start('MANUAL', subject, 'again')
  windows.start('MANUAL', { instrumentId: 8, key: 'other' }, 'b')
  windows.start('MID_SHOCK', subject, 'c')
  frame(60)
  expect(windows.openCount).toBe(3)
  frame(110)
  expect(written(w).map(({ action, text, durationS }) => `${action} ${text} ${durationS}`)).toEqual([
    'START a 60',
    'START b 60',
    'START c 60',
    'END a 110',
    'END b 60',
    'END c 60'
  ])
})

test('what is open is known by trigger and subject', () => {
  const { windows, frame } = windowsAt()
  frame(0)
  windows.start('MID_SHOCK', subject, '')
  expect([windows.isOpen('MID_SHOCK', 'm'), windows.isOpen('MID_SHOCK', 'n'), windows.isOpen('DEPTH_CLIFF', 'm')]).toEqual([
    true,
    false,
    false
  ])
  frame(60)
  expect([windows.isOpen('MID_SHOCK', 'm'), windows.nextEndRelNs]).toEqual([false, Infinity])
})

test('a saved state does not change when the windows go on', () => {
  const { windows, frame } = windowsAt()
  frame(0)
  windows.start('METAR', subject, 'a')
  const saved = windows.save()
  const copy = structuredClone(saved)
  frame(10)
  windows.start('MANUAL', subject, 'b')
  frame(300)
  expect(saved).toEqual(copy)
  windows.restore(saved)
  expect([windows.openCount, windows.nextEndRelNs]).toEqual([1, 120 * S])
})

test('a note opens a window by hand, in the order of the tape, and closes before what comes later', () => {
  const t = new TestTape('polymarket').note({ note: 'manual_window', reason: 'look at this' })
  t.ticksTo(62 * S)
  expect(t.of('event_window').map(({ action, trigger, text }) => [action, trigger, text])).toEqual([
    ['START', 'MANUAL', 'look at this'],
    ['END', 'MANUAL', 'look at this']
  ])
  expect(t.of('event_window')[1]!.recvRelNs).toBeGreaterThanOrEqual(60 * S)
  expect(t.of('frame_raw').find(({ frameIdx }) => frameIdx === 0)).toMatchObject({ outcome: 'note', events: 1 })
})

test('notes that make no sense open a window without a reason or nothing, and never stop the tape', () => {
  const t = new TestTape('polymarket')
    .note({ note: 'manual_window', reason: 17 })
    .note({ note: 'manual_window' })
    .note({ note: 'manual_window', reason: 'x'.repeat(5000) })
    .note({ note: 'window_settings', extend: 'yes' })
  expect(t.of('event_window').map(({ text }) => text.length)).toEqual([0, 0, 300])
})

test('a note can have windows extended', () => {
  const t = new TestTape('polymarket')
    .note({ note: 'window_settings', extend: true })
    .note({ note: 'manual_window' })
    .ticksTo(30 * S)
  t.note({ note: 'manual_window' }).ticksTo(100 * S)
  expect(t.of('event_window').map(({ action, durationS }) => [action, durationS])).toEqual([
    ['START', 60],
    ['END', 90]
  ])
})

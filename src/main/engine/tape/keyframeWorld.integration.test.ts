import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { depth, MS, S, snapshot, TestTape, type Pair } from './testTape.ts'
import { forecastBody, metars, pwsBody, weather } from './testWorld.ts'

const levels = (px: number, step: number, size = '5'): Pair[] =>
  Array.from({ length: 5 }, (_, i) => [String((px * 100 + step * i) / 100), size])

/** One thing that may happen to a tape; `seq` numbers the book's updates. */
interface Deed {
  readonly kind: 'report' | 'pws' | 'forecast' | 'manual' | 'extend' | 'wait' | 'silence' | 'book' | 'broken' | 'announced'
  readonly a: number
  readonly b: number
}

const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'report',
      'pws',
      'forecast',
      'manual',
      'extend',
      'wait',
      'wait',
      'silence',
      'book',
      'book',
      'broken',
      'announced'
    ),
    a: fc.nat({ max: 20 }),
    b: fc.nat({ max: 20 })
  }),
  { minLength: 4, maxLength: 30 }
)

/** One deed on a tape; the same tape gets the same frames whatever it was made from. */
function act(t: TestTape, { kind, a, b }: Deed, seq: number): void {
  const minute = Math.floor(t.now / (60 * S))
  switch (kind) {
    case 'report':
      metars(t, {
        minute: minute - a,
        tempC: a === 20 ? undefined : 15 + b,
        corrected: b % 3 === 0,
        body: a % 2 === 0,
        station: b % 5 === 0 ? 'LEMD' : 'KLGA'
      })
      return
    case 'pws':
      weather(
        t,
        'pws',
        pwsBody(
          minute - (a % 3),
          Array.from({ length: b % 7 }, (_, i) => 15 + a / 2 + i / 5),
          1 + (b % 3)
        )
      )
      return
    case 'forecast':
      weather(t, 'forecast', forecastBody(Array.from({ length: 72 }, (_, i) => 10 + a + (i % 24) / 4)))
      return
    case 'manual':
      t.note({ note: 'manual_window', reason: `${a}` })
      return
    case 'extend':
      t.note({ note: 'window_settings', extend: a % 2 === 0 })
      return
    case 'wait':
      t.ticksTo(t.now + (a * b + 1) * 200 * MS)
      return
    case 'silence':
      t.now += 20 * S
      t.note({ note: 'tick' })
      return
    case 'book':
      t.json(depth(seq, seq, levels(10 + a / 20, -1, b > 15 ? '0' : '5'), levels(11 + b / 20, 1, String(1 + a))))
      return
    case 'broken':
      weather(t, a % 2 === 0 ? 'metar' : 'forecast', b % 2 === 0 ? '{' : '[{"icaoId":"KLGA"}]')
      return
    case 'announced':
      t.note({ note: 'rest', venue: 'weather', kind: 'metar', key: 'KLGA', body: true, time_zone: 'Europe/Madrid' })
  }
}

function started(): TestTape {
  return new TestTape('binance')
    .note({ note: 'conn_open', venue: 'binance', url: '', streams: ['abc@depth'] })
    .json(depth(1, 1))
    .rest('depth', 'ABC', snapshot(1, levels(10, -1), levels(11, 1)))
}

/** Bytes of records, but for where the tape began to count its frames. */
function plain(t: TestTape, from: number, firstFrame: number): string[] {
  return t
    .records()
    .slice(from)
    .map((record) => {
      const shift = 'causeFrameIdx' in record && record.causeFrameIdx >= firstFrame ? firstFrame : 0
      const causes = 'causeFrameIdx' in record ? { causeFrameIdx: record.causeFrameIdx - shift } : {}
      // Ids of inputs are made from frame numbers, so they differ between tapes that count from elsewhere.
      const text = 'text' in record ? record.text.replaceAll(/"(event|correlation)_id":"[^"]*"/g, '') : ''
      return JSON.stringify({ ...record, ...causes, frameIdx: record.frameIdx - firstFrame, text })
    })
}

test('a tape that goes back to a keyframe goes on as the one that was played there, weather and windows included', () => {
  fc.assert(
    fc.property(deeds, fc.nat(), (all, at) => {
      const cut = at % all.length
      const played = started()
      for (const [i, deed] of all.slice(0, cut).entries()) act(played, deed, 2 + i)
      const keyframe = takeKeyframe(played.tape, undefined)
      const frozen = JSON.stringify([keyframe.world.stations, keyframe.windows, keyframe.signals])
      const sought = new TestTape('binance')
      // A tape with a past of its own: nothing of it may stay.
      sought.note({ note: 'manual_window' })
      metars(sought, { minute: -3, tempC: 30 })
      const before = sought.records().length
      const framesBefore = sought.frames.length
      restoreKeyframe(sought.tape, keyframe, played.tape)
      sought.now = played.now
      const from = played.records().length
      const framesAtCut = played.frames.length
      for (const [i, deed] of all.slice(cut).entries()) {
        act(played, deed, 2 + cut + i)
        act(sought, deed, 2 + cut + i)
      }
      // A restored window still names the frame that opened it in the run.
      const open = new Set(keyframe.windows.open.map(({ frameIdx }) => frameIdx))
      const shape = (t: TestTape, start: number, first: number): string[] =>
        plain(t, start, first).map((line) => (open.size > 0 && line.includes('"END"') ? line.replace(/"causeFrameIdx":-?\d+/, '') : line))
      expect(shape(sought, before, framesBefore)).toEqual(shape(played, from, framesAtCut))
      expect(sought.tape.windows.save()).toMatchObject({ extend: played.tape.windows.save().extend })
      expect(sought.tape.world.rejected).toBe(played.tape.world.rejected)
      // And what was kept is as it was.
      expect(JSON.stringify([keyframe.world.stations, keyframe.windows, keyframe.signals])).toBe(frozen)
    }),
    { numRuns: 150 }
  )
})

test('the same frames give the same fingerprint, however they are drained', () => {
  fc.assert(
    fc.property(deeds, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (all, drains) => {
      const run = (drained: boolean): unknown => {
        const t = started()
        for (const [i, deed] of all.entries()) {
          act(t, deed, 2 + i)
          if (drained && drains[i] === true) t.tape.drain()
        }
        return t.tape.summary()
      }
      expect(run(true)).toEqual(run(false))
    }),
    { numRuns: 50 }
  )
})

test('stations and detectors that do not change are shared between keyframes', () => {
  const t = started().ticksTo(90 * S)
  metars(t, { minute: 0, tempC: 20 })
  const first = takeKeyframe(t.tape, undefined)
  t.ticksTo(t.now + 3 * S)
  const second = takeKeyframe(t.tape, first)
  expect(second.world.stations).toBe(first.world.stations)
  expect(second.signals[0]).toBe(first.signals[0])
})

import { expect, test } from 'vitest'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { tapeHealth } from './tapeHealth.ts'
import { binanceInStep, depth, ORIGIN, S, snapshot, TestTape } from './testTape.ts'
import { forecastBody, metars, pwsBody, weather } from './testWorld.ts'

test('gaps and books made anew are counted over the whole run, as the timeline and the integrity events have them', () => {
  const t = binanceInStep()
  expect(tapeHealth(t.tape)).toMatchObject({ gaps: 0, resyncs: 0 })
  t.json(depth(20, 21))
    .rest('depth', 'ABC', snapshot(30))
    .ticksTo(1.2 * S)
  t.push('{')
    .note({ note: 'conn_closed', trigger: 'exception' })
    .ticksTo(2.5 * S)
  const { gaps, resyncs } = tapeHealth(t.tape)
  expect(gaps).toBe(t.of('timeline_1s').reduce((sum, second) => sum + second.gaps, 0))
  expect(resyncs).toBe(t.of('integrity').filter(({ kind }) => kind === 'BOOK_RESYNC_START').length)
  expect([gaps, resyncs]).toEqual([3, 2])
})

test('a tape that was put back to an instant says the same as the one that played there', () => {
  const t = binanceInStep().json(depth(20, 21)).push('{')
  metars(t, { minute: -10, tempC: 20 })
  const other = new TestTape('binance')
  restoreKeyframe(other.tape, takeKeyframe(t.tape, undefined), t.tape)
  other.now = t.now
  expect(tapeHealth(t.tape).gaps).toBe(2)
  for (const one of [t, other]) one.json(depth(22, 23)).rest('depth', 'ABC', snapshot(30)).json(depth(40, 41))
  expect(tapeHealth(other.tape)).toEqual(tapeHealth(t.tape))
})

test('the venue is as late as its own time says, by the newest message that states one', () => {
  const t = binanceInStep()
  const stated = Number(ORIGIN / 1_000_000n)
  const { recvRelNs } = t.tape.books.told
  expect(tapeHealth(t.tape).venueLatencyS).toBe(Math.round(recvRelNs / 1e6 + stated - 1_700_000_000_000) / 1000)
  expect(tapeHealth(new TestTape('binance').tape).venueLatencyS).toBeUndefined()
})

test('sources of the weather have an age and say how long they took to come', () => {
  const t = new TestTape('polymarket')
  metars(t, { minute: -10, tempC: 20 })
  expect(tapeHealth(t.tape).sources).toEqual([
    { name: 'metar/KLGA', status: 'OK', ageS: 600, latencyS: 600 },
    { name: 'forecast/KLGA', status: 'NO_DATA', ageS: undefined, latencyS: undefined }
  ])
  weather(t, 'forecast', forecastBody(Array.from({ length: 72 }, () => 20)))
  weather(t, 'pws', pwsBody(-2, [20, 21, 22]))
  t.ticksTo(400 * S)
  expect(tapeHealth(t.tape).sources).toEqual([
    { name: 'metar/KLGA', status: 'STALE', ageS: 1000, latencyS: 600 },
    { name: 'forecast/KLGA', status: 'OK', ageS: 400, latencyS: undefined },
    { name: 'pws/KLGA', status: 'OK', ageS: 520, latencyS: 120 }
  ])
})

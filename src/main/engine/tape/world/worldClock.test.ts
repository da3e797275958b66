import { describe, expect, test } from 'vitest'
import { restoreKeyframe, takeKeyframe } from '../keyframe.ts'
import { S, TestTape } from '../testTape.ts'
import { metarElement, type TestReport } from '../testWorld.ts'

const HOUR_S = 3600
const REST = 9
const NOTE = 17

/** A tape whose wall clock may leave its monotonic clock, by so many seconds. */
class SteppedTape {
  readonly t: TestTape
  readonly #originMs: number
  stepS = 0

  constructor(originMs: number) {
    this.#originMs = originMs
    this.t = new TestTape('polymarket', { originTsNs: BigInt(originMs) * 1_000_000n })
  }

  get wallMs(): number {
    return this.#originMs + this.t.now / 1e6 + this.stepS * 1000
  }

  push(text: string, flags: number): void {
    this.t.frame({ shard: 0, relNs: this.t.now, flags, text, wallRelNs: this.t.now + this.stepS * S })
  }

  /** Signs of life, four a second. */
  run(seconds: number): void {
    const end = this.t.now + seconds * S
    while (this.t.now < end) {
      this.t.now += 0.25 * S
      this.push('{"note":"tick"}', NOTE)
    }
  }

  /** Observed so many minutes before what the wall clock shows. */
  report(minutesAgo: number, more: Partial<TestReport> = {}): void {
    const minute = (this.wallMs - 1_700_000_000_000) / 60_000 - minutesAgo
    const note = { note: 'rest', venue: 'weather', kind: 'metar', key: 'KLGA', url: '', status: 200, body: true }
    this.push(JSON.stringify(note), NOTE)
    this.push(JSON.stringify([metarElement({ minute, tempC: 20, ...more })]), REST)
  }

  lastNowcast(): Record<string, unknown> {
    return JSON.parse(this.t.of('nowcast_1m').at(-1)?.text ?? 'null') as Record<string, unknown>
  }
}

const NOON = Date.parse('2026-07-01T16:00:00Z')

describe('the weather goes by the wall clock of the log', () => {
  test('a host that slept an hour takes the next report for what it is', () => {
    const s = new SteppedTape(NOON)
    s.report(5)
    s.run(10)
    s.stepS = HOUR_S
    s.run(1)
    s.report(9, { tempC: 22 })
    expect(s.t.integrity()).toEqual(['CLOCK_STEP wall_clock 0'])
    expect(s.t.of('metar_obs').map(({ tempC, qc }) => [tempC, qc])).toEqual([
      [20, 'OK'],
      [22, 'OK']
    ])
    expect(s.t.of('event_window').map(({ trigger }) => trigger)).toEqual(['METAR', 'METAR'])
    expect(s.lastNowcast()).toMatchObject({
      ts_generated_utc: '2026-07-01T17:00:11.047+00:00',
      inputs: [expect.objectContaining({ name: 'METAR', staleness_s: 540 }), expect.anything()]
    })
  })

  test('a clock that was an hour ahead and is set back: reports are as old as it says, and the next one is not of the future', () => {
    const s = new SteppedTape(NOON)
    s.stepS = HOUR_S
    s.report(HOUR_S / 60 + 5)
    expect(s.lastNowcast()).toMatchObject({ inputs: [expect.objectContaining({ staleness_s: 3900 }), expect.anything()] })
    s.run(2)
    s.stepS = 0
    s.run(1)
    s.report(3, { tempC: 23 })
    expect(s.t.of('metar_obs').map(({ qc }) => qc)).toEqual(['OK', 'OK'])
    expect(s.t.of('event_window').map(({ action }) => action)).toEqual(['START', 'START'])
    s.run(57)
    expect(s.t.of('nowcast_1m').map(({ minute }) => minute)).toEqual([NOON / 1000, NOON / 1000, NOON / 1000])
    expect(s.lastNowcast()).toMatchObject({ ts_generated_utc: '2026-07-01T16:01:00.000+00:00' })
  })

  test('a step across midnight begins the next settlement day', () => {
    const s = new SteppedTape(Date.parse('2026-07-02T03:30:00Z'))
    s.report(2, { tempC: 30 })
    s.run(1)
    s.stepS = HOUR_S
    s.run(1)
    s.report(2, { tempC: 18 })
    expect(s.lastNowcast()).toMatchObject({ target_date: '2026-07-02' })
    expect(JSON.parse(s.t.of('features_1m').at(-1)!.text)).toMatchObject({ features: { env: { max_so_far_f: 64.4 } } })
  })

  test.each([
    ['the clocks of New York go forward', '2026-03-08T06:59:30Z', '2026-03-08 01:59:30', '2026-03-08 03:00:31'],
    ['the clocks of New York go back', '2026-11-01T05:59:30Z', '2026-11-01 01:59:30', '2026-11-01 01:00:31'],
    ['the clocks of Madrid go forward', '2026-03-29T00:59:30Z', '2026-03-28 20:59:30', '2026-03-28 21:00:31'],
    ['the clocks of Madrid go back', '2026-10-25T00:59:30Z', '2026-10-24 20:59:30', '2026-10-24 21:00:31']
  ])('%s: no step of the host’s clock, and the day is the right one', (_name, at, before, after) => {
    const s = new SteppedTape(Date.parse(at))
    s.report(5)
    expect(s.lastNowcast()['ts_nyc']).toBe(before)
    s.run(61)
    s.report(1, { tempC: 21 })
    expect(s.lastNowcast()).toMatchObject({ ts_nyc: after, target_date: before.slice(0, 10) })
    expect(s.t.integrity()).toEqual([])
    expect(s.t.of('metar_obs').map(({ qc }) => qc)).toEqual(['OK', 'OK'])
  })

  test('a keyframe knows of the step', () => {
    const s = new SteppedTape(NOON)
    s.report(5)
    s.stepS = HOUR_S
    s.run(1)
    const other = new SteppedTape(NOON)
    restoreKeyframe(other.t.tape, takeKeyframe(s.t.tape, undefined), s.t.tape)
    other.t.now = s.t.now
    other.stepS = HOUR_S
    s.report(9, { tempC: 22 })
    other.report(9, { tempC: 22 })
    expect(other.t.of('metar_obs')[0]).toMatchObject({ qc: 'OK', tempC: 22 })
    expect(other.lastNowcast()).toMatchObject({ ts_generated_utc: s.lastNowcast()['ts_generated_utc'] })
  })
})

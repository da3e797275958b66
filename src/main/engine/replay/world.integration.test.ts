import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { PlayheadInputs } from '../../../shared/api/index.ts'
import type { TapeRecord } from '../../../shared/channels/index.ts'
import { openBundle } from '../bundle/index.ts'
import { eventIdsOf } from '../tape/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { eachRecord } from './testRecords.ts'
import { runOfBundle, TapeRun } from './runTape.ts'
import { closeStages, openStage, type Stage } from './testStage.ts'

let dir = ''
const all: TapeRecord[] = []
/** When the event of an id was received. */
let receivedRelNs: ReadonlyMap<string, number>

beforeAll(async () => {
  dir = await writeRoughRun({
    venue: 'polymarket',
    seed: 21,
    shards: 2,
    markets: 2,
    seconds: 150,
    messagesPerSecond: 30,
    weather: true,
    outsideModel: true
  })
  const bundle = await openBundle(dir)
  const run = new TapeRun(runOfBundle(bundle), {
    withoutFingerprint: true,
    onRecords: (bytes, length) => eachRecord(bytes, length, (record) => all.push(record))
  })
  run.advance(Infinity, Infinity)
  run.tape.drain()
  run.close()
  const idOf = eventIdsOf(bundle.runId)
  receivedRelNs = new Map(all.map(({ shard, frameIdx, pos, recvRelNs }) => [idOf(shard, frameIdx, pos), recvRelNs]))
  bundle.close()
})
afterEach(closeStages)
afterAll(() => rmSync(dirname(dir), { recursive: true }))

function value<T>({ screen }: Stage): T {
  return (screen.events.findLast((event) => event.kind === 'done') as { value: T }).value
}

describe('a day with weather', () => {
  test('jumps go to every report and to the start of every window, and the timeline marks them', async () => {
    const stage = await openStage(dir)
    const { session, ask, screen } = stage
    for (const [to, wanted] of [
      ['metar', all.filter((record) => record.ch === 'metar_obs')],
      ['window', all.filter((record) => record.ch === 'event_window' && record.action === 'START')]
    ] as const) {
      const times = [...new Set(wanted.map((record) => record.recvRelNs))]
      expect(times.length).toBeGreaterThan(20)
      const last = times.slice(-15)
      ask({ kind: 'seek', relNs: times.at(-16)! })
      const found: number[] = []
      for (let i = 0; i < last.length; i++) {
        ask({ kind: 'jump', to, direction: 1 })
        expect(value<{ moved: boolean }>(stage).moved).toBe(true)
        found.push(session.state.playheadRelNs)
      }
      expect(found).toEqual(last)
      ask({ kind: 'jump', to, direction: 1 })
      expect(value<{ moved: boolean }>(stage).moved).toBe(false)
    }
    const marks = screen.events.findLast((event) => event.kind === 'marks')!.marks
    const ends = all.filter((record) => record.ch === 'event_window' && record.action === 'END')
    expect(marks.windows.filter(({ toRelNs }) => toRelNs !== undefined)).toHaveLength(ends.length)
    expect(marks.metar.length).toBe(new Set(all.filter((record) => record.ch === 'metar_obs').map((record) => record.recvRelNs)).size)
  })

  test('inputs at the playhead are the newest up to it and nothing later, by a seek as by playing', async () => {
    const stage = await openStage(dir)
    for (const relNs of [20e9, 61.5e9, 90e9, 149e9]) {
      stage.ask({ kind: 'seek', relNs })
      stage.ask({ kind: 'inputs' })
      const told = value<PlayheadInputs>(stage)
      expect(told.relNs).toBe(relNs)
      const upTo = all.filter((record) => record.recvRelNs <= relNs)
      for (const { stationId, nowcasts, features, observations } of told.stations) {
        const announced = upTo.find((record) => record.ch === 'station' && record.text.includes(`"${stationId}"`))!
        const newest = (ch: TapeRecord['ch'], model?: unknown): TapeRecord | undefined =>
          upTo.findLast(
            (record) =>
              record.ch === ch && record.instrumentId === announced.instrumentId && (record.ch !== 'nowcast_1m' || record.model === model)
          )
        const models = ['baseline', 'external'].filter((model) => newest('nowcast_1m', model) !== undefined)
        expect(nowcasts.map(({ model }) => model)).toEqual(models)
        const seen = [...nowcasts.map(({ nowcast }) => nowcast), features, ...observations].filter((item) => item !== undefined)
        expect(seen.length).toBe(
          models.length + (['features_1m', 'metar_obs', 'pws_cluster'] as const).filter((ch) => newest(ch) !== undefined).length
        )
        for (const { event, ageS } of seen) {
          const record = newest(event['ch'] as TapeRecord['ch'], (event['data'] as { model?: string }).model)!
          expect(ageS).toBeCloseTo((relNs - record.recvRelNs) / 1e9, 2)
          expect(event['station_id']).toBe(stationId)
        }
        for (const { correlationId, nowcast, inputs } of nowcasts) {
          expect(correlationId).toBe(nowcast.event['correlation_id'])
          for (const { stalenessS, atPlayheadS } of inputs)
            if (stalenessS !== undefined) expect(atPlayheadS).toBeCloseTo(stalenessS + nowcast.ageS, 2)
        }
      }
    }
    const at = value<PlayheadInputs>(stage)
    expect(at.stations.map(({ stationId }) => stationId)).toContain('KLGA')
    const { nowcasts } = at.stations.find(({ stationId }) => stationId === 'KLGA')!
    expect(nowcasts.map(({ model }) => model)).toEqual(['baseline', 'external'])
    expect(nowcasts[0]!.inputs.length).toBeGreaterThan(0)
  })

  test('each input of a nowcast is led to exactly when it was received, at every sixth report and just before the next', async () => {
    const stage = await openStage(dir)
    const times = [...new Set(all.filter((record) => record.ch === 'metar_obs').map((record) => record.recvRelNs))]
    const led = { exact: 0, older: 0, frames: 0, unknown: 0 }
    for (const relNs of times.flatMap((at, i) => (i % 6 === 0 ? [at, (times[i + 1] ?? 150e9) - 1] : []))) {
      stage.ask({ kind: 'seek', relNs })
      stage.ask({ kind: 'inputs' })
      for (const { nowcasts, observations } of value<PlayheadInputs>(stage).stations) {
        for (const { eventId, ch, recvRelNs, atPlayheadS } of nowcasts.flatMap(({ inputs }) => inputs)) {
          if (recvRelNs !== undefined) expect(recvRelNs).toBeLessThanOrEqual(relNs)
          if (recvRelNs === undefined) led.unknown++
          else if (ch === 'frame_raw') {
            expect(Math.abs(relNs - recvRelNs - atPlayheadS! * 1e9)).toBeLessThanOrEqual(1e9 + 1)
            led.frames++
          } else {
            expect(recvRelNs).toBe(receivedRelNs.get(eventId))
            if (observations.some(({ event }) => event['event_id'] === eventId) || ch === 'features_1m') led.exact++
            else led.older++
          }
        }
      }
    }
    expect(led.unknown).toBe(0)
    // Also those that are not the newest of their kind any more.
    expect(Math.min(led.exact, led.older, led.frames)).toBeGreaterThan(10)
  })

  test('before anything was said of the weather there are no inputs', async () => {
    const stage = await openStage(dir)
    stage.ask({ kind: 'inputs' })
    expect(value<PlayheadInputs>(stage).stations).toEqual([])
  })
})

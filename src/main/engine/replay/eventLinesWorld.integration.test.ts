import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHANNELS, parseEvent, type ParsedEvent } from '../../../shared/channels/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { eventLines } from './eventLines.ts'

let dir = ''
let events: ParsedEvent[] = []
const tape = CHANNELS.filter(({ scope }) => scope === 'tape').map(({ name }) => name)

async function eventsOf(channels: readonly string[]): Promise<ParsedEvent[]> {
  const found: ParsedEvent[] = []
  for await (const lines of eventLines(dir, { format: 'ndjson', channels: new Set(channels) }))
    found.push(...lines.map((line) => parseEvent(line)!))
  return found
}

beforeAll(async () => {
  dir = await writeRoughRun({ venue: 'binance', seed: 5, shards: 2, markets: 2, seconds: 150, messagesPerSecond: 30, weather: true })
  events = await eventsOf(tape)
})
afterAll(() => rmSync(dirname(dir), { recursive: true }))

const of = (ch: string): ParsedEvent[] => events.filter((event) => event.ch === ch)

test('the correlation id of a report reaches the window it opens, the features and the nowcast it causes', () => {
  const opened = of('event_window').filter(({ values }) => values['action'] === 'START' && values['trigger'] === 'METAR')
  expect(opened.length).toBeGreaterThan(3)
  for (const { envelope } of opened) {
    const related = events.filter((event) => event.envelope.correlation_id === envelope.correlation_id).map(({ ch }) => ch)
    expect(related).toEqual(expect.arrayContaining(['metar_obs', 'event_window', 'features_1m', 'nowcast_1m']))
  }
})

test('events of stations have the name of their station, also when nobody asked for the announcement', async () => {
  for (const ch of ['metar_obs', 'pws_cluster', 'features_1m', 'nowcast_1m']) {
    expect(of(ch).length).toBeGreaterThan(0)
    expect(new Set(of(ch).map(({ envelope }) => envelope.station_id))).toEqual(new Set(['KLGA', 'LEMD']))
  }
  expect(await eventsOf(['metar_obs'])).toEqual(of('metar_obs'))
})

test('the inputs of a nowcast are events that came before it', () => {
  const seen = new Set<string>()
  let inputs = 0
  for (const { ch, envelope, text } of events) {
    if (ch === 'nowcast_1m') {
      const named = (JSON.parse(text ?? '') as { inputs: { event_id?: string; ch: string; staleness_s: number }[] }).inputs
      for (const input of named) {
        if (input.event_id !== undefined) expect(seen).toContain(input.event_id)
        expect(input.staleness_s).toBeGreaterThanOrEqual(0)
        inputs++
      }
    }
    seen.add(envelope.event_id!)
  }
  expect(inputs).toBeGreaterThan(20)
})

test('windows have ids of their own, and an end has that of its start', () => {
  const starts = of('event_window').filter(({ values }) => values['action'] === 'START')
  const ends = of('event_window').filter(({ values }) => values['action'] === 'END')
  expect(new Set(starts.map(({ envelope }) => envelope.window_id)).size).toBe(starts.length)
  expect(ends.length).toBeGreaterThan(0)
  const byId = new Map(starts.map((start) => [start.envelope.window_id, start]))
  for (const end of ends) {
    const start = byId.get(end.envelope.window_id)!
    expect([end.envelope.correlation_id, end.values['startRelNs']]).toEqual([start.envelope.correlation_id, start.values['startRelNs']])
    const lastedNs = Number(end.recvTsNs - start.recvTsNs)
    expect(lastedNs).toBeGreaterThanOrEqual(Number(start.values['durationS']) * 1e9 - 1000)
  }
})

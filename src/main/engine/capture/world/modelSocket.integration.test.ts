import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { eventLines } from '../../replay/index.ts'
import { startPracticeVenue, type PracticeVenue } from '../../practice/index.ts'
import { startPlant, venueConfig, type RunningPlant } from '../testPlant.ts'

let venue: PracticeVenue
let running: RunningPlant

afterEach(async () => {
  running.plant.stop('test over')
  await running.done
  await venue.close()
})

interface Model {
  readonly port: number
  readonly lines: number
  readonly too_long: number
}

async function untilModel(meets: (model: Model) => boolean): Promise<Model> {
  const modelOf = (json: string): Model | undefined => (JSON.parse(json) as { world?: { model?: Model } }).world?.model
  const beat = await running.until('heartbeat', ({ json }) => {
    const model = modelOf(json)
    return model !== undefined && meets(model)
  })
  return modelOf(beat.json)!
}

test('lines of an outside model are recorded as they came and become nowcasts of their own; nonsense is kept and counted', async () => {
  const source = { kind: 'generator', seed: 7, markets: 1, messagesPerSecond: 20, venue: 'both' } as const
  venue = await startPracticeVenue({ source })
  running = startPlant({ ...venueConfig(venue), venue: 'binance', worldModelPort: 0 })
  const { port } = await untilModel((model) => model.port > 0)
  const data = { tmax_mean_f: 71.5, tmax_sigma_f: 1.25, confidence: 0.8, p_bucket: [{ label: '70-71', probability: 0.6 }] }
  const good = JSON.stringify({ ch: 'nowcast_1m', station_id: 'KLGA', data })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const bad = [
    'not JSON',
    '{"ch":"nowcast_1m","station_id":"KLGA","data":{"tmax_mean_f":"71"}}',
    '{"ch":"l2_book","station_id":"KLGA","data":{}}'
  ]
  // Cut anywhere, with both kinds of line ends.
  const text = [good, '', ...bad, good].join('\r\n').concat('\n')
  for (let at = 0; at < text.length; at += 17) socket.write(text.slice(at, at + 17))
  await untilModel((model) => model.lines === 5)
  socket.on('error', () => undefined)
  socket.write('x'.repeat(70_000))
  await untilModel((model) => model.too_long === 1)
  running.plant.stop('test')
  await running.done
  const events: { readonly ch: string; readonly station_id?: string; readonly data: Readonly<Record<string, unknown>> }[] = []
  const options = { format: 'ndjson', channels: new Set(['nowcast_1m', 'integrity']) } as const
  for await (const lines of eventLines(running.dir(), options))
    for (const line of lines) events.push(JSON.parse(line) as (typeof events)[number])
  const told = events.filter(({ ch }) => ch === 'nowcast_1m')
  expect(told).toHaveLength(2)
  expect(told[0]).toMatchObject({ station_id: 'KLGA', data: { model: 'external', tmax_mean_f: 71.5, tmax_sigma_f: 1.25, confidence: 0.8 } })
  expect(told[0]!.data).toMatchObject(data)
  expect(events.filter(({ data: { kind } }) => kind === 'MALFORMED_FRAME')).toHaveLength(3)
}, 60_000)

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { FLAG_NOTE, FLAG_REST, openBundle, verifyRun } from '../../bundle/index.ts'
import { parseForecastAnswer, parseMetarAnswer, parsePwsAnswer } from '../../feeds/index.ts'
import { startPracticeVenue, type PracticeVenue } from '../../practice/index.ts'
import { startPlant, venueConfig, type RunningPlant } from '../testPlant.ts'

const KEY = 'Zk7+secret&42'
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function practice(): Promise<PracticeVenue> {
  const source = { kind: 'generator', seed: 7, markets: 3, messagesPerSecond: 100, venue: 'both' } as const
  const venue = await startPracticeVenue({ source, weather: { speed: 3600 } })
  open.push(() => venue.close())
  return venue
}

function worldUrls(url: string): Record<string, string> {
  return { worldMetarBaseUrl: url, worldPwsBaseUrl: url, worldForecastBaseUrl: url }
}

function start(venue: PracticeVenue, settings: Record<string, unknown> = {}): RunningPlant {
  const running = startPlant(
    {
      ...venueConfig(venue),
      ...worldUrls(venue.weatherUrl),
      venue: 'binance',
      worldStations: ['KLGA'],
      worldPwsStations: venue.privateStations.filter((text) => text.startsWith('KLGA:')).slice(0, 3),
      worldMetarIntervalSeconds: 0.1,
      worldPwsIntervalSeconds: 0.2,
      worldForecastIntervalSeconds: 0.3,
      ...settings
    },
    undefined,
    { secrets: { pwsKey: KEY } }
  )
  open.push(async () => {
    running.plant.stop('test over')
    await running.done
  })
  return running
}

/** What a heartbeat says of one source. */
type Source = Readonly<Record<'requests' | 'answers' | 'unchanged' | 'failures' | 'failing' | 'status', number>> & {
  readonly error?: string
  readonly age_s: number | null
}

async function untilSource(running: RunningPlant, kind: string, meets: (source: Source) => boolean): Promise<Source> {
  const sourceOf = (json: string): Source | undefined =>
    (JSON.parse(json) as { world?: Record<string, Record<string, Source>> }).world?.[kind]?.['KLGA']
  const beat = await running.until('heartbeat', ({ json }) => {
    const source = sourceOf(json)
    return source !== undefined && meets(source)
  })
  return sourceOf(beat.json)!
}

interface Kept {
  readonly note: Readonly<Record<string, unknown>>
  readonly body: Buffer | undefined
}

/** The weather's notes with the bodies that stand right behind them, and how many records of the market there are. */
async function kept(dir: string): Promise<{ world: Kept[]; marketRecords: number }> {
  const bundle = await openBundle(dir)
  const world: { note: Record<string, unknown>; body: Buffer | undefined }[] = []
  let marketRecords = 0
  for (const { shard } of bundle.shards) {
    const reader = bundle.openReader(shard)
    let awaited: { body: Buffer | undefined } | undefined
    while (reader.next()) {
      const isNote = (reader.flags & FLAG_NOTE) !== 0
      if (awaited !== undefined) {
        expect(reader.flags & FLAG_REST).not.toBe(0)
        awaited.body = Buffer.from(reader.payload())
      } else if (!isNote) marketRecords += 1
      awaited = undefined
      const note = isNote ? (JSON.parse(reader.payload().toString()) as Record<string, unknown>) : {}
      if (note['venue'] !== 'weather') continue
      expect(shard).toBe(0)
      const item = { note, body: undefined }
      world.push(item)
      if (note['body'] === true) awaited = item
    }
    reader.close()
  }
  bundle.close()
  return { world, marketRecords }
}

function everyFile(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
}

/** The key stands in no file, in no event and in no form. */
function expectNoKey(running: RunningPlant): void {
  const files = everyFile(running.dir())
  expect(files.length).toBeGreaterThan(4)
  for (const form of [KEY, encodeURIComponent(KEY), 'secret&42', 'secret%2642']) {
    for (const path of files) expect(readFileSync(path).includes(form), `${form} in ${path}`).toBe(false)
    const told = running.events.filter(({ kind }) => kind !== 'frames')
    expect(JSON.stringify(told, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(form)
  }
}

describe('weather beside a market', () => {
  it('is in the log as it came, note and body together, and the key is nowhere', async () => {
    const running = start(await practice())
    await untilSource(running, 'metar', (source) => source.answers >= 3 && source.unchanged >= 1)
    await untilSource(running, 'forecast', (source) => source.answers + source.unchanged >= 3)
    await untilSource(running, 'pws', (source) => source.answers >= 6)
    running.plant.stop('test')
    await running.done
    expect(verifyRun(running.dir()).ok).toBe(true)
    const { world, marketRecords } = await kept(running.dir())
    expect(marketRecords).toBeGreaterThan(0)
    const bodies = (kind: string): Buffer[] =>
      world.flatMap(({ note, body }) => (note['kind'] === kind && body !== undefined ? [body] : []))
    for (const body of bodies('metar')) {
      const { observations, rejected } = parseMetarAnswer(body)
      expect(rejected).toEqual([])
      expect(observations.every(({ stationId }) => stationId === 'KLGA')).toBe(true)
    }
    expect(new Set(bodies('pws').flatMap((body) => parsePwsAnswer(body).observations.map(({ pwsId }) => pwsId)))).toEqual(
      new Set(['KLGAP01', 'KLGAP02', 'KLGAP03'])
    )
    expect(parseForecastAnswer(bodies('forecast')[0]!)?.hours.length).toBe(96)
    expect(world.find(({ note }) => note['kind'] === 'pws')?.note).toMatchObject({
      note: 'rest',
      key: 'KLGA',
      url: expect.stringMatching(/stationId=KLGAP\d\d&format=json&units=m&numericPrecision=decimal$/),
      status: 200,
      body: true
    })
    expect(world.find(({ note }) => note['status'] === 304)).toEqual({
      note: { note: 'rest', venue: 'weather', kind: 'metar', key: 'KLGA', url: expect.any(String), status: 304, body: false },
      body: undefined
    })
    expect(running.runlog('world_start')).toEqual([expect.objectContaining({ stations: ['KLGA'], sources: 5 })])
    expectNoKey(running)
  })

  it('says the time zone of a station in every note about it, where the settings state one', async () => {
    const stated = { worldStations: ['KXYZ:40.5:-73.25'], worldPwsStations: [], worldStationTimeZones: ['KXYZ=America/Denver'] }
    const running = start(await practice(), stated)
    await running.until('heartbeat', (event) => /"metar":\{"KXYZ":\{[^}]*"requests":[1-9]/.test(event.json))
    running.plant.stop('test')
    await running.done
    const { world } = await kept(running.dir())
    expect(new Set(world.map(({ note }) => note['time_zone']))).toEqual(new Set(['America/Denver']))
  })

  it('may fail in every way: the market is recorded on, and what came is in the log', async () => {
    const venue = await practice()
    const running = start(venue, { worldPwsStations: [], worldForecastIntervalSeconds: null, restTimeout: 2 })
    for (const what of ['empty', 'html', 'garbage', 'wrongStation', 'huge', 'late', 'status'] as const)
      venue.inject({ kind: 'weather', what, api: 'metar', ms: 3_600_000, status: 429, retryAfterS: 0 })
    const source = await untilSource(running, 'metar', ({ failures, failing }) => failures === 3 && failing === 0)
    expect(source.age_s).toBeLessThan(60)
    running.plant.stop('test')
    await running.done
    expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: true })
    expect(verifyRun(running.dir()).ok).toBe(true)
    const { world, marketRecords } = await kept(running.dir())
    expect(marketRecords).toBeGreaterThan(0)
    const told = world
      .slice(0, 8)
      .map(({ note, body }) => [note['status'], body === undefined ? note['error'] : parseMetarAnswer(body).rejected[0]?.reason])
    expect(told).toEqual([
      [200, undefined],
      [200, 'html'],
      [200, 'malformed_json'],
      [200, undefined],
      [0, 'the answer is larger than 4 MB'],
      [0, 'The operation was aborted due to timeout'],
      [429, '{"error":"Too many requests"}'],
      [200, undefined]
    ])
    expect(world[0]?.body).toHaveLength(0)
    expect(parseMetarAnswer(world[3]!.body!).observations[0]?.stationId).toBe('KJFK')
    expect(running.runlog('world_source').map((record) => record['ok'])).toEqual([false, true])
  })

  it('is not asked for where no station is named, and private stations only with the key', async () => {
    const venue = await practice()
    const quiet = start(venue, { worldStations: [], worldPwsStations: [] })
    const beat = await quiet.until('heartbeat')
    expect(JSON.parse(beat.json)).not.toHaveProperty('world')
    const running = startPlant({
      ...venueConfig(venue),
      ...worldUrls(venue.weatherUrl),
      venue: 'binance',
      worldStations: ['KLGA'],
      worldPwsStations: ['KLGA:KLGAP01']
    })
    open.push(async () => {
      running.plant.stop('test over')
      await running.done
    })
    const { json } = await running.until('heartbeat', (event) => event.json.includes('"metar"'))
    expect(json).not.toContain('"pws"')
    expect(running.runlog('world_start')).toEqual([
      expect.objectContaining({ sources: 2, pws: expect.stringContaining('TAPEDECK_PWS_KEY') })
    ])
  })
})

describe('a service that repeats the key', () => {
  const statuses = [200, 403, 500]

  it.each(statuses)('with status %i leaves it in no file', async (status) => {
    const echo: Server = createServer((request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: `no station at ${request.url ?? ''}, key ${KEY}` }))
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    open.push(() => new Promise((resolve) => [echo.closeAllConnections(), echo.close(resolve)]))
    const running = start(await practice(), { worldPwsBaseUrl: `http://127.0.0.1:${(echo.address() as AddressInfo).port}` })
    await untilSource(running, 'pws', ({ failures }) => failures >= 3)
    running.plant.stop('test')
    await running.done
    const { world } = await kept(running.dir())
    const answers = world.filter(({ note }) => note['kind'] === 'pws')
    expect(answers.every(({ body }) => body === undefined)).toBe(true)
    expect(answers[0]?.note['error']).toContain(status === 200 ? 'repeats the key, so it was not kept' : 'apiKey=[key], key [key]')
    expectNoKey(running)
  })
})

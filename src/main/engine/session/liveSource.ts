import type { LiveSource } from '../../../shared/api/index.ts'
import { StudioError, type Failure } from '../../../shared/errors.ts'
import { captureConfig, type CaptureConfig } from '../capture/index.ts'
import type { PracticeOptions } from '../practice/index.ts'
import { PRACTICE_DECIDES } from './settings/appSettings.ts'
import { askPractice, practiceSymbols } from './practiceAddress.ts'
import { EngineThread } from './worker.ts'

/** A source made ready: settings for the plant, and what must be closed behind it. */
export interface PreparedSource {
  readonly config: CaptureConfig
  readonly name: string
  readonly close: () => Promise<void>
}

/** What a start takes besides the source: the data folder, and the settings that the user chose. */
export type StartSettings = Partial<CaptureConfig> & Pick<CaptureConfig, 'dataDir'>

type PracticeEvent = { kind: 'listening'; urls: Record<string, string> } | { kind: 'failed'; failure: Failure }

const nothing = (): Promise<void> => Promise.resolve()

/** Turns the source that the user chose into settings of a capture run. @throws StudioError CONFIG_INVALID, VENUE_UNREACHABLE, PORT_IN_USE */
export async function prepareSource(source: LiveSource, settings: StartSettings): Promise<PreparedSource> {
  switch (source.kind) {
    case 'polymarket':
      return {
        name: 'Polymarket',
        config: captureConfig({
          ...settings,
          venue: 'polymarket',
          sourceName: 'Polymarket',
          captureMaxMarkets: source.maxMarkets ?? 50,
          tokenIds: source.tokens ? [...source.tokens] : settings.tokenIds
        }),
        close: nothing
      }
    case 'binance': {
      const name = `Binance ${source.symbols.join(', ').toUpperCase()}`
      return {
        name,
        config: captureConfig({ ...settings, venue: 'binance', sourceName: name, symbols: [...source.symbols] }),
        close: nothing
      }
    }
    case 'practice_at':
      return practiceAt(source, settings)
    case 'practice':
      return practiceInside(source, settings)
  }
}

/** The practice venue answers every protocol on one port. */
function practiceUrls(url: string): Record<string, string> {
  const http = url.replace(/\/$/, '')
  const ws = http.replace(/^http/, 'ws')
  return { gammaUrl: http, clobUrl: http, polymarketWsUrl: `${ws}/ws/market`, binanceRestUrl: http, binanceWsUrl: ws, weatherUrl: http }
}

function practiceConfig(
  venue: 'polymarket' | 'binance',
  urls: Record<string, string>,
  settings: StartSettings,
  name: string,
  rest: Record<string, unknown>
): CaptureConfig {
  const chosen = Object.fromEntries(Object.entries(settings).filter(([key]) => !(PRACTICE_DECIDES as readonly string[]).includes(key)))
  return captureConfig({
    minFreeDiskGb: 1,
    ...chosen,
    venue,
    sourceName: name,
    synthetic: true,
    gammaBaseUrl: urls['gammaUrl'],
    clobBaseUrl: urls['clobUrl'],
    clobWsUrl: urls['polymarketWsUrl'],
    binanceRestUrl: urls['binanceRestUrl'],
    binanceWsUrl: urls['binanceWsUrl'],
    worldMetarBaseUrl: urls['weatherUrl'],
    worldPwsBaseUrl: urls['weatherUrl'],
    worldForecastBaseUrl: urls['weatherUrl'],
    ...rest
  })
}

async function symbolsOf(venue: 'polymarket' | 'binance', urls: Record<string, string>): Promise<string[] | undefined> {
  return venue === 'binance' ? practiceSymbols(urls['binanceRestUrl'] ?? '') : undefined
}

async function practiceAt(source: Extract<LiveSource, { kind: 'practice_at' }>, settings: StartSettings): Promise<PreparedSource> {
  const { name, synthetic } = await askPractice(source.url, source.venue)
  const urls = practiceUrls(source.url)
  const symbols = source.symbols ? [...source.symbols] : await symbolsOf(source.venue, urls)
  const rest = { symbols, captureMaxMarkets: source.maxMarkets ?? 2000, synthetic }
  return { name, config: practiceConfig(source.venue, urls, settings, name, rest), close: nothing }
}

async function practiceInside(source: Extract<LiveSource, { kind: 'practice' }>, settings: StartSettings): Promise<PreparedSource> {
  const name = `Practice venue (${source.venue})`
  const options: PracticeOptions = {
    port: 0,
    source: {
      kind: 'generator',
      seed: source.seed ?? 1,
      markets: source.markets ?? 20,
      messagesPerSecond: source.messagesPerSecond ?? 500,
      venue: source.venue
    },
    weather: source.seed === undefined ? {} : { seed: source.seed }
  }
  let thread: EngineThread<object, PracticeEvent> | undefined
  const urls = await new Promise<Record<string, string>>((resolve, reject) => {
    thread = new EngineThread(
      'practice',
      (event) => (event.kind === 'listening' ? resolve(event.urls) : reject(new StudioError(event.failure.code, event.failure.message))),
      reject,
      options
    )
  })
  return {
    name,
    config: practiceConfig(source.venue, urls, settings, name, {
      symbols: await symbolsOf(source.venue, urls),
      captureMaxMarkets: source.markets ?? 20
    }),
    close: () => thread?.close({ kind: 'close' }) ?? nothing()
  }
}

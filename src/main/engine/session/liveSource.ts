import type { LiveSource } from '../../../shared/api/index.ts'
import { StudioError, type Failure } from '../../../shared/errors.ts'
import { captureConfig, type CaptureConfig } from '../capture/index.ts'
import type { PracticeOptions } from '../practice/index.ts'
import { askPractice, practiceSymbols } from './practiceAddress.ts'
import { EngineThread } from './worker.ts'

/** A source made ready: settings for the plant, and what must be closed behind it. */
export interface PreparedSource {
  readonly config: CaptureConfig
  readonly name: string
  readonly close: () => Promise<void>
}

type PracticeEvent = { kind: 'listening'; urls: Record<string, string> } | { kind: 'failed'; failure: Failure }

const nothing = (): Promise<void> => Promise.resolve()

/** Turns what the user chose into settings of a capture run. In the app a run goes on however often a connection is lost; every loss is on record. @throws StudioError CONFIG_INVALID, VENUE_UNREACHABLE, PORT_IN_USE */
export async function prepareSource(source: LiveSource, dataDir: string): Promise<PreparedSource> {
  switch (source.kind) {
    case 'polymarket':
      return {
        name: 'Polymarket',
        config: captureConfig({
          venue: 'polymarket',
          dataDir,
          wsReconnectMax: null,
          sourceName: 'Polymarket',
          captureMaxMarkets: source.maxMarkets ?? 50,
          tokenIds: source.tokens ? [...source.tokens] : undefined
        }),
        close: nothing
      }
    case 'binance': {
      const name = `Binance ${source.symbols.join(', ').toUpperCase()}`
      return {
        name,
        config: captureConfig({ venue: 'binance', dataDir, wsReconnectMax: null, sourceName: name, symbols: [...source.symbols] }),
        close: nothing
      }
    }
    case 'practice_at':
      return practiceAt(source, dataDir)
    case 'practice':
      return practiceInside(source, dataDir)
  }
}

/** The practice venue answers every protocol on one port. */
function practiceUrls(url: string): Record<string, string> {
  const http = url.replace(/\/$/, '')
  const ws = http.replace(/^http/, 'ws')
  return { gammaUrl: http, clobUrl: http, polymarketWsUrl: `${ws}/ws/market`, binanceRestUrl: http, binanceWsUrl: ws }
}

function practiceConfig(
  venue: 'polymarket' | 'binance',
  urls: Record<string, string>,
  dataDir: string,
  name: string,
  rest: Record<string, unknown>
): CaptureConfig {
  return captureConfig({
    venue,
    dataDir,
    sourceName: name,
    synthetic: true,
    wsReconnectMax: null,
    gammaBaseUrl: urls['gammaUrl'],
    clobBaseUrl: urls['clobUrl'],
    clobWsUrl: urls['polymarketWsUrl'],
    binanceRestUrl: urls['binanceRestUrl'],
    binanceWsUrl: urls['binanceWsUrl'],
    minFreeDiskGb: 1,
    ...rest
  })
}

async function symbolsOf(venue: 'polymarket' | 'binance', urls: Record<string, string>): Promise<string[] | undefined> {
  return venue === 'binance' ? practiceSymbols(urls['binanceRestUrl'] ?? '') : undefined
}

async function practiceAt(source: Extract<LiveSource, { kind: 'practice_at' }>, dataDir: string): Promise<PreparedSource> {
  const { name, synthetic } = await askPractice(source.url, source.venue)
  const urls = practiceUrls(source.url)
  const symbols = source.symbols ? [...source.symbols] : await symbolsOf(source.venue, urls)
  const rest = { symbols, captureMaxMarkets: source.maxMarkets ?? 2000, synthetic }
  return { name, config: practiceConfig(source.venue, urls, dataDir, name, rest), close: nothing }
}

async function practiceInside(source: Extract<LiveSource, { kind: 'practice' }>, dataDir: string): Promise<PreparedSource> {
  const name = `Practice venue (${source.venue})`
  const options: PracticeOptions = {
    port: 0,
    source: {
      kind: 'generator',
      seed: source.seed ?? 1,
      markets: source.markets ?? 20,
      messagesPerSecond: source.messagesPerSecond ?? 500,
      venue: source.venue
    }
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
    config: practiceConfig(source.venue, urls, dataDir, name, {
      symbols: await symbolsOf(source.venue, urls),
      captureMaxMarkets: source.markets ?? 20
    }),
    close: () => thread?.close({ kind: 'close' }) ?? nothing()
  }
}

import { once } from 'node:events'
import { Command } from 'commander'
import { RestRecorder } from '../engine/capture/index.ts'
import { discoverPolymarket, type RecordedGet } from '../engine/feeds/index.ts'
import { captureConfigOf, type CaptureFlags } from './capture.ts'
import { inspection } from './inspection.ts'

interface MarketText {
  readonly slug: string
  readonly question: string
}

const LINES_IN_ONE_GO = 500
const MAX_POLITE_WAIT_MS = 60_000

/** `tapedeck discover`: the open Polymarket markets that a capture would take, one a line. Exit 1 when the venue cannot be asked. */
export function discoverCommand(): Command {
  return new Command('discover')
    .description('list the Polymarket markets that a capture would record: id, universe, slug, question, separated by tabs')
    .option('--gamma-base-url <url>', 'where the list of markets is')
    .option('--gamma-limit <n>', 'markets a page')
    .option('--rest-timeout <s>', 'seconds until a request is given up')
    .option('--capture-max-markets <n>', 'most markets, or none for all')
    .option('--ws-user-agent <text>', 'sent with every request')
    .option('--practice <url>', 'ask a practice venue at this address (http://127.0.0.1:port)')
    .addHelpText('after', '\nEnvironment variables PM_DATA_<SETTING> (for example PM_DATA_GAMMA_BASE_URL) override flags.')
    .action(runDiscover)
}

async function runDiscover(flags: CaptureFlags): Promise<void> {
  const config = captureConfigOf(flags)
  const { markets, texts } = await inspection(async ({ signal }) => {
    const recorder = new RestRecorder({
      venue: 'polymarket',
      sink: () => undefined,
      signal,
      userAgent: config.wsUserAgent,
      timeoutMs: config.restTimeout * 1000,
      maxWaitMs: MAX_POLITE_WAIT_MS
    })
    const seen = new Map<string, MarketText>()
    const get = readingTexts((kind, url) => recorder.discover(kind, url), seen)
    const { gammaBaseUrl, gammaLimit: pageLimit, captureMaxMarkets } = config
    const universe = await discoverPolymarket(get, { gammaBaseUrl, pageLimit, maxMarkets: captureMaxMarkets ?? undefined })
    return { markets: universe.markets, texts: seen }
  })
  for (let at = 0; at < markets.length; at += LINES_IN_ONE_GO) {
    const lines = markets.slice(at, at + LINES_IN_ONE_GO).map(({ id }) => {
      const { slug, question } = texts.get(id) ?? { slug: '', question: '' }
      return `${[id, 'universe', slug, question].map(cell).join('\t')}\n`
    })
    if (!process.stdout.write(lines.join(''))) await once(process.stdout, 'drain')
  }
}

/** Discovery keeps ids and tokens only: the names for people are read from the same pages as they pass. */
function readingTexts(get: RecordedGet, texts: Map<string, MarketText>): RecordedGet {
  return async (kind, url) => {
    const answer = await get(kind, url)
    for (const row of rowsOf(answer.body)) texts.set(String(row['id']), { slug: textOf(row['slug']), question: textOf(row['question']) })
    return answer
  }
}

function rowsOf(body: Buffer): readonly Readonly<Record<string, unknown>>[] {
  try {
    const page = JSON.parse(body.toString('utf8')) as { readonly markets?: unknown } | readonly unknown[] | null
    const list = Array.isArray(page) ? (page as readonly unknown[]) : (page as { readonly markets?: unknown } | null)?.markets
    if (!Array.isArray(list)) return []
    return list.filter((row): row is Readonly<Record<string, unknown>> => typeof row === 'object' && row !== null)
  } catch {
    return []
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A tab or a line end inside a name would make another cell of it. */
function cell(text: string): string {
  return text.replace(/[\t\r\n\u2028\u2029]+/g, ' ').trim()
}

import { readBinanceRecording } from '../../src/main/engine/practice/index.ts'
import { realDataPath } from '../../src/main/engine/testing/realData.ts'
import { pack, type PackedMessages } from './packedMessages.ts'

/** One Binance order book: its snapshot, then the depth updates that follow it without a hole. */
export interface DepthSession {
  readonly symbol: string
  readonly snapshot: string
  readonly updates: PackedMessages
  readonly levels: number
  readonly source: string
}

/** The recorded session where it is present, a generated one otherwise. */
export async function depthSession(quick: boolean): Promise<DepthSession> {
  const files = ['binance/btcusdt_20240808.gz', 'binance/btcusdt_20240809.gz'].map(realDataPath).filter((path) => path !== undefined)
  return files.length === 2 ? await recorded(quick ? files.slice(0, 1) : files) : generated(quick ? 2000 : 8000)
}

async function recorded(files: readonly string[]): Promise<DepthSession> {
  let snapshot = ''
  const texts: string[] = []
  for await (const { kind, text } of readBinanceRecording(files)) {
    if (kind === 'snapshot') snapshot = text
    else if (text.includes('@depth')) texts.push(text)
  }
  const { lastUpdateId } = JSON.parse(snapshot) as { readonly lastUpdateId: number }
  // What the snapshot holds already is passed over by both: it would only be counted differently.
  const after = texts.filter((text) => (JSON.parse(text) as { readonly data: { readonly u: number } }).data.u > lastUpdateId)
  return sessionOf('BTCUSDT', snapshot, after, 'recorded BTCUSDT depth@100ms')
}

function generated(count: number): DepthSession {
  let state = 2_463_534_242
  const below = (n: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
  const level = (cents: number, size: number): string => `["${(cents / 100).toFixed(2)}000000","${(size / 1e5).toFixed(8)}"]`
  const side = (n: number, sign: number): string =>
    Array.from({ length: n }, () => level(6_000_000 + sign * (1 + below(3000)), below(3) === 0 ? 0 : 1 + below(1e6))).join(',')
  const ladder = (sign: number): string =>
    Array.from({ length: 1000 }, (_, i) => level(6_000_000 + sign * (1 + 3 * i), 1 + below(1e6))).join(',')
  const snapshot = `{"lastUpdateId":1000,"bids":[${ladder(-1)}],"asks":[${ladder(1)}]}`
  const texts = Array.from(
    { length: count },
    (_, i) =>
      `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${1_700_000_000_000 + 100 * i},"s":"BTCUSDT","U":${1001 + 10 * i},"u":${1010 + 10 * i},"b":[${side(20, -1)}],"a":[${side(20, 1)}]}}`
  )
  return sessionOf('BTCUSDT', snapshot, texts, 'generated depth, no recording at hand')
}

function sessionOf(symbol: string, snapshot: string, texts: readonly string[], source: string): DepthSession {
  const levels = texts.reduce((sum, text) => {
    const { data } = JSON.parse(text) as { readonly data: { readonly b: readonly unknown[]; readonly a: readonly unknown[] } }
    return sum + data.b.length + data.a.length
  }, 0)
  return { symbol, snapshot, updates: pack(texts), levels, source }
}

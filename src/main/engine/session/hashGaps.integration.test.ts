import { expect, test } from 'vitest'
import { generatorSource, VenueTime } from '../practice/index.ts'
import { ORIGIN, S, TestTape } from '../tape/testTape.ts'

interface Told {
  readonly kind: string
  readonly reason: string
  readonly marketId: string
  readonly relNs: number
}

interface Settings {
  readonly seed: number
  readonly markets: number
  readonly messagesPerSecond: number
  readonly seconds: number
  /** Both tokens of each market are recorded, or the first alone: trades of the other one are printed to nobody then. */
  readonly tokens: 'both' | 'first'
  /** Changes that are missing, one market after the other, each once; 0 = none. */
  readonly missing: number
}

/** Where the changes of a market are missing, and when the next one came. */
interface Gap {
  readonly marketId: string
  left: number
  endRelNs: number
}

/** The generator's venue in its own time, a connection that loses changes, and the tape behind it. */
function record({ seed, markets, messagesPerSecond, seconds, tokens, missing }: Settings): { tape: TestTape; told: Told[]; gaps: Gap[] } {
  let nowNs = 0
  const time = new VenueTime({ wallNs: () => ORIGIN + BigInt(Math.floor(nowNs)), monoNs: () => BigInt(Math.floor(nowNs)) })
  const source = generatorSource({ seed, markets, messagesPerSecond, venue: 'polymarket' }, time)
  time.anchor()
  const face = source.polymarket!
  const ids = face.markets.flatMap(({ listing }) => (tokens === 'both' ? listing.tokenIds : listing.tokenIds.slice(0, 1)))
  const followed = new Set(ids)
  const tape = new TestTape('polymarket').note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: ids }).push(face.dump(ids))
  const gaps: Gap[] = []
  const [feed] = source.feeds
  for (let at = 0; at < seconds * S; at = feed!.peekNs() as number) {
    nowNs = at
    feed!.advance(({ content, keys, render }) => {
      const text = render()
      if (!keys.some((key) => followed.has(key)) || isMissing(gaps, content, at, missing)) return
      tape.now = at
      tape.push(text)
    })
    for (const id of tape.requests.splice(0)) tape.rest('book', id, face.book(id)!)
    tape.frames.length = 0
  }
  const { instruments } = tape.tape.books
  const told = tape.of('integrity').map(({ kind, reason, instrumentId, recvRelNs }) => {
    return { kind, reason, marketId: instruments.get(instrumentId)?.marketId ?? '', relNs: recvRelNs }
  })
  return { tape, told, gaps }
}

/** A full book would fill the gap before anybody could see it: it is missing too. */
function isMissing(gaps: Gap[], content: { readonly kind: string; readonly book?: string }, at: number, missing: number): boolean {
  if (missing === 0 || content.kind === 'other' || at < 2 * S) return false
  const running = gaps.at(-1)
  if (
    content.kind === 'change' &&
    (running === undefined || running.endRelNs < at - 0.2 * S) &&
    !gaps.some((gap) => gap.marketId === content.book)
  )
    gaps.push({ marketId: content.book!, left: missing, endRelNs: Infinity })
  const gap = gaps.find(({ marketId }) => marketId === content.book)
  if (gap === undefined || gap.endRelNs < Infinity) return false
  if (content.kind === 'refresh') return gap.left < missing
  if (gap.left-- > 0) return true
  gap.endRelNs = at
  return false
}

test('missing changes are told within moments, of the markets that they are of and of no other', () => {
  const { told, gaps } = record({ seed: 5, markets: 300, messagesPerSecond: 900, seconds: 60, tokens: 'both', missing: 4 })
  const ended = gaps.filter(({ endRelNs }) => endRelNs < 50 * S)
  expect(ended.length).toBeGreaterThan(20)
  const found = told.filter(({ kind }) => kind === 'GAP_DETECTED')
  const waits = ended.map(({ marketId, endRelNs }) => found.find((gap) => gap.marketId === marketId)!.relNs - endRelNs)
  expect(Math.max(...waits)).toBeLessThan(4 * S)
  expect(waits.toSorted((a, b) => a - b)[waits.length >> 1]).toBeLessThan(0.2 * S)
  expect(found.filter(({ marketId }) => !gaps.some((gap) => gap.marketId === marketId))).toEqual([])
  expect(new Set(found.map(({ reason }) => reason))).toEqual(new Set(['hash_mismatch', 'book_mismatch']))
})

test.each([
  { tokens: 'both', markets: 100, messagesPerSecond: 1000, seconds: 30 },
  { tokens: 'first', markets: 100, messagesPerSecond: 1000, seconds: 30 },
  // A thousand changes a second of each token: far beyond what the venue sends.
  { tokens: 'both', markets: 10, messagesPerSecond: 20_000, seconds: 4 }
] as const)('nothing is told where nothing is missing: %j', (settings) => {
  const { tape, told } = record({ seed: 5, missing: 0, ...settings })
  expect(
    told.filter(({ kind, reason }) => !kind.startsWith('FEED_') && reason !== 'tick_size_changed' && kind !== 'BOOK_RESYNC_DONE')
  ).toEqual([])
  const { verified, failed, unverifiable } = tape.tape.books.counts
  expect([failed, unverifiable]).toEqual([0, 0])
  expect(verified).toBeGreaterThan(30)
})

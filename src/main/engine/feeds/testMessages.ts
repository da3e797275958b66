import fc from 'fast-check'
import { arr, decimal, number, obj, raw, str, type Tree } from './testJsonTrees.ts'

type G = fc.GeneratorValue

const token = fc.constantFrom('1', '18108354744468601294025853601030425188395211927926870885542758981304523217919', 'é', '')
const stamp = fc.constantFrom('1790491135816', '0', '', '9007199254740993', '12.5', '2026-01-01')

const upTo = (g: G, max: number, make: (g: G) => Tree): Tree => arr(Array.from({ length: g(fc.nat, { max }) }, () => make(g)))
const amount = (g: G): Tree =>
  number(
    g,
    g(() => decimal)
  )
const amountText = (g: G): Tree => str(g(() => decimal))
const time = (g: G): Tree =>
  number(
    g,
    g(() => stamp)
  )
const level = (g: G): Tree => obj(['price', amount(g)], ['size', amount(g)])
const levels = (g: G): Tree => upTo(g, 4, level)
const hash = (g: G): Tree => str(g(fc.constantFrom, 'c5215778eb37678ce5fa78821abf8ea63dd96031', ''))
const asset = (g: G): readonly (readonly [string, Tree])[] => [
  ['asset_id', str(g(() => token))],
  ['market', str('0x690f')],
  ['timestamp', time(g)]
]
const event = (name: string): readonly [string, Tree] => ['event_type', str(name)]

const change = (g: G): Tree =>
  obj(
    ['asset_id', str(g(() => token))],
    ['price', amount(g)],
    ['size', amount(g)],
    ['side', str(g(fc.constantFrom, 'BUY', 'SELL', 'BUY', 'SELL', 'buy'))],
    ['hash', hash(g)],
    ['best_bid', amount(g)],
    ['best_ask', amount(g)]
  )

const oldChange = (g: G): Tree => obj(['price', amountText(g)], ['side', str('SELL')], ['size', amountText(g)])

const POLYMARKET: readonly ((g: G) => Tree)[] = [
  (g) =>
    obj(
      event('book'),
      ...asset(g),
      ['hash', hash(g)],
      ['bids', levels(g)],
      ['asks', levels(g)],
      ['tick_size', str('0.01')],
      ['last_trade_price', number(g, '0.490')]
    ),
  (g) =>
    obj(...asset(g), ['hash', hash(g)], ['bids', levels(g)], ['asks', levels(g)], ['min_order_size', str('5')], ['neg_risk', raw('false')]),
  (g) => obj(['market', str('0x1')], ['price_changes', upTo(g, 3, change)], ['timestamp', time(g)], event('price_change')),
  (g) => obj(event('price_change'), ...asset(g), ['changes', upTo(g, 3, oldChange)], ['hash', hash(g)]),
  (g) =>
    obj(event('price_change'), ...asset(g), ['price', amountText(g)], ['side', str('BUY')], ['size', amountText(g)], ['hash', hash(g)]),
  (g) =>
    obj(
      event('last_trade_price'),
      ...asset(g),
      ['price', amount(g)],
      ['size', amount(g)],
      ['side', str('SELL')],
      ['fee_rate_bps', str('0')],
      ['transaction_hash', str('0xabc')]
    ),
  (g) =>
    obj(
      event('tick_size_change'),
      ...asset(g),
      ['old_tick_size', str('0.01')],
      ['new_tick_size', number(g, g(fc.constantFrom, '0.001', '0', 'x'))]
    ),
  (g) =>
    obj(
      event(g(fc.constantFrom, 'best_bid_ask', 'new_market', 'market_resolved')),
      ...asset(g),
      ['assets_ids', arr([str('1')])],
      ['event_message', obj(['id', str('1')])]
    )
]

const one = (g: G, makers: readonly ((g: G) => Tree)[]): Tree => makers[g(fc.nat, { max: makers.length - 1 })]!(g)

/** For tests: one message of the Polymarket market channel, sound or not. */
export function polymarketTree(g: G): Tree {
  return g(fc.nat, { max: 3 }) > 0 ? one(g, POLYMARKET) : upTo(g, 4, () => one(g, POLYMARKET))
}

const pair = (g: G): Tree => arr([amount(g), amount(g), ...(g(fc.nat, { max: 20 }) === 0 ? [arr([])] : [])])
const pairs = (g: G): Tree => upTo(g, 4, pair)
const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT', '币安人生USDT', '')
const updateId = fc.constantFrom('1', '2', '50093239208', '9007199254740993', '-1', 'x')
const id = (g: G): Tree =>
  number(
    g,
    g(() => updateId)
  )
const head = (g: G, e: string): readonly (readonly [string, Tree])[] => [
  ['e', str(e)],
  ['E', time(g)],
  ['s', str(g(() => symbol))]
]

const BINANCE: readonly ((g: G) => Tree)[] = [
  (g) => obj(...head(g, 'depthUpdate'), ['U', id(g)], ['u', id(g)], ['b', pairs(g)], ['a', pairs(g)]),
  (g) =>
    obj(
      ...head(g, 'trade'),
      ['t', id(g)],
      ['p', amount(g)],
      ['q', amount(g)],
      ['b', raw('88')],
      ['a', raw('50')],
      ['T', time(g)],
      ['m', raw(g(fc.constantFrom, 'true', 'false'))],
      ['M', raw('true')]
    ),
  (g) =>
    obj(['u', id(g)], ['s', str(g(() => symbol))], ['b', amountText(g)], ['B', amountText(g)], ['a', amountText(g)], ['A', amountText(g)]),
  (g) => obj(['lastUpdateId', id(g)], ['bids', pairs(g)], ['asks', pairs(g)]),
  () => obj(['result', raw('null')], ['id', raw('1')]),
  (g) => obj(...head(g, 'aggTrade'), ['a', raw('5')], ['p', str('1')], ['q', str('2')]),
  () => obj(['code', raw('-1121')], ['msg', str('Invalid symbol.')])
]

/** For tests: one message of a Binance spot stream, or a REST answer, sound or not. */
export function binanceTree(g: G): Tree {
  const data = one(g, BINANCE)
  return g(fc.boolean) ? obj(['stream', str('btcusdt@depth')], ['data', data]) : data
}

const usualDecimal = fc.stringMatching(/^\d{1,9}(\.\d{1,6})?$/)
const oddLevel = fc.constantFrom(
  '{"price":1.5,"size":2}',
  '{"price":"0", "size":"1"}',
  '{"price":"-0","size":"1"}',
  '{"price":"1","size":""}',
  '{"price":"1e3","size":"+2"}',
  '{"price":"1234567890","size":"1234567890.123456"}',
  '{"price":"1","size":"2","price":"3"}',
  '{"price":"\\u0031","size":"1\\""}',
  '{"size":"1", "price":"2"}',
  '{"price" : "1","size":"2"}',
  '{}',
  '[]'
)
const longSide = fc
  .record({
    levels: fc.array(fc.tuple(usualDecimal, usualDecimal, fc.constantFrom('', ' ')), { minLength: 90, maxLength: 320, size: 'max' }),
    odd: fc.option(fc.tuple(fc.nat(320), oddLevel), { freq: 2 }),
    between: fc.constantFrom(',', ', ', ',  ', ' , ')
  })
  .map(({ levels, odd, between }) => {
    const texts = levels.map(([px, size, space]) => `{"price":"${px}",${space}"size":"${size}"}`)
    if (odd !== null) texts.splice(odd[0], 1, odd[1])
    return `[${texts.join(between)}]`
  })

/** Text of a Polymarket book with more levels than are read at once, in the usual spelling but for one, and wherever they are cut. */
export const longBook: fc.Arbitrary<string> = fc
  .tuple(longSide, longSide, fc.nat(200))
  .map(
    ([bids, asks, before]) =>
      `{"event_type":"book","asset_id":"71","market":"${'m'.repeat(before)}","bids":${bids},"asks":${asks}, "timestamp":"17","hash":"x"}`
  )

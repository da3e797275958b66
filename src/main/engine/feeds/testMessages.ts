import fc from 'fast-check'

/** JSON as a tree whose text can be written in many ways: spaces, key order, escapes, numbers or strings, keys given twice. */
export type Tree = { readonly entries: readonly (readonly [string, Tree])[] } | { readonly items: readonly Tree[] } | { readonly raw: string } | { readonly string: string }

const space = fc.constantFrom('', '', '', ' ', '\n', '\t ', ' \r\n')

/** For tests: the text of a tree, written in an unusual way where `odd`. @param comma Polymarket writes a space behind it */
export function textOf(g: fc.GeneratorValue, tree: Tree, odd: boolean, comma = ','): string {
  const gap = (): string => (odd ? g(() => space) : '')
  if ('raw' in tree) return tree.raw
  if ('string' in tree) return stringText(g, tree.string, odd)
  if ('items' in tree) return `[${gap()}${tree.items.map((item) => textOf(g, item, odd, comma)).join(`${gap()}${comma}${gap()}`)}${gap()}]`
  const entries = odd ? shuffled(g, tree.entries) : tree.entries
  const parts = entries.map(([key, value]) => `${stringText(g, key, odd)}${gap()}:${gap()}${textOf(g, value, odd, comma)}`)
  return `{${gap()}${parts.join(`${gap()}${comma}${gap()}`)}${gap()}}`
}

function stringText(g: fc.GeneratorValue, text: string, odd: boolean): string {
  const plain = JSON.stringify(text)
  if (!odd || g(fc.integer, { min: 0, max: 9 }) > 0) return plain
  return `"${Array.from(text, (c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')}"`
}

function shuffled<T>(g: fc.GeneratorValue, list: readonly T[]): T[] {
  return g(fc.shuffledSubarray, [...list], { minLength: list.length, maxLength: list.length })
}

export const obj = (...entries: (readonly [string, Tree])[]): Tree => ({ entries })
export const arr = (items: readonly Tree[]): Tree => ({ items })
export const str = (text: string): Tree => ({ string: text })
export const raw = (text: string): Tree => ({ raw: text })

export const decimal = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat({ max: 99_999 }), fc.option(fc.stringMatching(/^\d{1,8}$/), { nil: '' })).map(([n, d]) => (d === '' ? String(n) : `${n}.${d}`)) },
  { weight: 1, arbitrary: fc.constantFrom('0', '0.5', '.48', '5.', '1e-7', '5E-7', '1.5e3', '1e400', '-1', '-0', '9007199254.740991', '9007199255', '0.49999949999999999999', '0.00000050000000000000', '007', '', ' 1', 'NaN', '0x10', '12345678901234567890', '1e', '+5') }
)

const isJsonNumber = (text: string): boolean => /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)

/** A number as most venues write it: a string; sometimes a bare number. */
export function number(g: fc.GeneratorValue, text: string): Tree {
  return isJsonNumber(text) && g(fc.integer, { min: 0, max: 5 }) === 0 ? raw(text) : str(text)
}

/** Any other JSON, for fields that nobody knows and values that nobody expects. */
export const surprise: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(raw('null'), raw('true'), raw('false'), raw('0'), raw('-1.5e3'), raw('[]'), raw('{}'), str(''), str('x"y'), str('é\\'), str('\u{1F600}'), str('\n')),
    fc.array(tie('tree'), { maxLength: 3 }).map(arr),
    fc.array(fc.tuple(fc.constantFrom('price', 'size', 'asset_id', 'e', 'data', 'zz', 'bids', '__proto__', '12'), tie('tree')), { maxLength: 3 }).map((entries) => obj(...entries))
  )
})).tree

/** Changes a tree here and there: a field dropped, given twice, replaced or added. */
export function mutated(g: fc.GeneratorValue, tree: Tree): Tree {
  if ('items' in tree) {
    if (g(fc.integer, { min: 0, max: 12 }) === 0) return arr([...tree.items, g(() => surprise)])
    return arr(tree.items.map((item) => mutated(g, item)))
  }
  if (!('entries' in tree)) return tree
  const entries: (readonly [string, Tree])[] = []
  for (const [key, value] of tree.entries) {
    const dice = g(fc.integer, { min: 0, max: 40 })
    if (dice === 0) continue
    if (dice === 1) entries.push([key, g(() => surprise)])
    else if (dice === 2) entries.push([key, g(() => surprise)], [key, value])
    else if (dice === 3) entries.push([key, value], [key, g(() => surprise)])
    else if (dice === 4) entries.push([key, value], [g(fc.constantFrom, 'unknown', 'is_new', 'Z', 'data', 'changes', 'event_message'), g(() => surprise)])
    else entries.push([key, mutated(g, value)])
  }
  return obj(...entries)
}

/** Damages bytes: cut short, bits turned over, bytes put in. */
export function damaged(g: fc.GeneratorValue, bytes: Uint8Array): Uint8Array {
  const how = g(fc.integer, { min: 0, max: 2 })
  const at = g(fc.nat, { max: Math.max(0, bytes.length - 1) })
  if (how === 0) return bytes.subarray(0, at)
  const out = Uint8Array.from(bytes)
  if (how === 1) out[at] = (out[at] ?? 0) ^ (1 << g(fc.integer, { min: 0, max: 7 }))
  else out[at] = g(fc.integer, { min: 0, max: 255 })
  return out
}

const token = fc.constantFrom('1', '18108354744468601294025853601030425188395211927926870885542758981304523217919', 'é', '')
const stamp = fc.constantFrom('1790491135816', '0', '', '9007199254740993', '12.5', '2026-01-01')

const level = (g: fc.GeneratorValue): Tree => obj(['price', number(g, g(() => decimal))], ['size', number(g, g(() => decimal))])
const levels = (g: fc.GeneratorValue): Tree => arr(Array.from({ length: g(fc.nat, { max: 4 }) }, () => level(g)))
const hash = (g: fc.GeneratorValue): Tree => str(g(fc.constantFrom, 'c5215778eb37678ce5fa78821abf8ea63dd96031', ''))

function polymarketEvent(g: fc.GeneratorValue): Tree {
  const common = [['asset_id', str(g(() => token))], ['market', str('0x690f')], ['timestamp', number(g, g(() => stamp))]] as const
  const change = (): Tree =>
    obj(['asset_id', str(g(() => token))], ['price', number(g, g(() => decimal))], ['size', number(g, g(() => decimal))], ['side', str(g(fc.constantFrom, 'BUY', 'SELL', 'BUY', 'SELL', 'buy'))],
      ['hash', hash(g)], ['best_bid', number(g, g(() => decimal))], ['best_ask', number(g, g(() => decimal))])
  const changes = (): Tree => arr(Array.from({ length: g(fc.nat, { max: 3 }) }, change))
  switch (g(fc.integer, { min: 0, max: 7 })) {
    case 0: return obj(['event_type', str('book')], ...common, ['hash', hash(g)], ['bids', levels(g)], ['asks', levels(g)], ['tick_size', str('0.01')], ['last_trade_price', number(g, '0.490')])
    case 1: return obj(...common, ['hash', hash(g)], ['bids', levels(g)], ['asks', levels(g)], ['min_order_size', str('5')], ['neg_risk', raw('false')])
    case 2: return obj(['market', str('0x1')], ['price_changes', changes()], ['timestamp', number(g, g(() => stamp))], ['event_type', str('price_change')])
    case 3: return obj(['event_type', str('price_change')], ...common, ['changes', arr(Array.from({ length: g(fc.nat, { max: 3 }) }, () => obj(['price', str(g(() => decimal))], ['side', str('SELL')], ['size', str(g(() => decimal))])))], ['hash', hash(g)])
    case 4: return obj(['event_type', str('price_change')], ...common, ['price', str(g(() => decimal))], ['side', str('BUY')], ['size', str(g(() => decimal))], ['hash', hash(g)])
    case 5: return obj(['event_type', str('last_trade_price')], ...common, ['price', number(g, g(() => decimal))], ['size', number(g, g(() => decimal))], ['side', str('SELL')], ['fee_rate_bps', str('0')], ['transaction_hash', str('0xabc')])
    case 6: return obj(['event_type', str('tick_size_change')], ...common, ['old_tick_size', str('0.01')], ['new_tick_size', number(g, g(fc.constantFrom, '0.001', '0', 'x'))])
    default: return obj(['event_type', str(g(fc.constantFrom, 'best_bid_ask', 'new_market', 'market_resolved'))], ...common, ['assets_ids', arr([str('1')])], ['event_message', obj(['id', str('1')])])
  }
}

/** For tests: one message of the Polymarket market channel, sound or not. */
export function polymarketTree(g: fc.GeneratorValue): Tree {
  if (g(fc.integer, { min: 0, max: 3 }) > 0) return polymarketEvent(g)
  return arr(Array.from({ length: g(fc.nat, { max: 4 }) }, () => polymarketEvent(g)))
}

const pair = (g: fc.GeneratorValue): Tree => arr([number(g, g(() => decimal)), number(g, g(() => decimal)), ...(g(fc.integer, { min: 0, max: 20 }) === 0 ? [arr([])] : [])])
const pairs = (g: fc.GeneratorValue): Tree => arr(Array.from({ length: g(fc.nat, { max: 4 }) }, () => pair(g)))
const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT', '币安人生USDT', '')
const id = fc.constantFrom('1', '2', '50093239208', '9007199254740993', '-1', 'x')

/** For tests: one message of a Binance spot stream, or a REST answer, sound or not. */
export function binanceTree(g: fc.GeneratorValue): Tree {
  const s = ['s', str(g(() => symbol))] as const
  const time = ['E', number(g, g(() => stamp))] as const
  const data = ((): Tree => {
    switch (g(fc.integer, { min: 0, max: 6 })) {
      case 0: return obj(['e', str('depthUpdate')], time, s, ['U', number(g, g(() => id))], ['u', number(g, g(() => id))], ['b', pairs(g)], ['a', pairs(g)])
      case 1: return obj(['e', str('trade')], time, s, ['t', number(g, g(() => id))], ['p', number(g, g(() => decimal))], ['q', number(g, g(() => decimal))], ['b', raw('88')], ['a', raw('50')], ['T', number(g, g(() => stamp))], ['m', raw(g(fc.constantFrom, 'true', 'false'))], ['M', raw('true')])
      case 2: return obj(['u', number(g, g(() => id))], s, ['b', str(g(() => decimal))], ['B', str(g(() => decimal))], ['a', str(g(() => decimal))], ['A', str(g(() => decimal))])
      case 3: return obj(['lastUpdateId', number(g, g(() => id))], ['bids', pairs(g)], ['asks', pairs(g)])
      case 4: return obj(['result', raw('null')], ['id', raw('1')])
      case 5: return obj(['e', str('aggTrade')], time, s, ['a', raw('5')], ['p', str('1')], ['q', str('2')])
      default: return obj(['code', raw('-1121')], ['msg', str('Invalid symbol.')])
    }
  })()
  return g(fc.boolean) ? obj(['stream', str('btcusdt@depth')], ['data', data]) : data
}

/** For tests: messages of every kind around full books, most of them as a venue would send them, many of them odd, some of them broken. */
export function* makeMessages(count: number, seed: number): Generator<string> {
  const dice = new Dice(seed)
  for (let i = 0; i < count; i++) {
    const kind = dice.below(20)
    if (kind === 0) yield priceChange(dice)
    else if (kind === 1)
      yield dice.pick(['PONG', 'PING', '[]', '', 'null', '"bids"', '{"bids"', '[1,"asks"]', '{"asks":{}}', '"a\\"bids\\""'])
    else {
      const text = dice.chance(0.3) ? `[${dice.list(3, () => book(dice)).join(dice.space(','))}]` : book(dice)
      yield dice.chance(0.15) ? damaged(text, dice) : text
    }
  }
}

class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 4_294_967_296) * n)
  }

  chance(share: number): boolean {
    return this.below(1000) < share * 1000
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make)
  }

  /** A mark with white space around it, as some senders write it. */
  space(mark: string): string {
    return this.chance(0.8) ? mark : this.pick([`${mark} `, ` ${mark}`, `\n${mark}\t`, `${mark}  `])
  }

  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[out[i], out[j]] = [out[j]!, out[i]!]
    }
    return out
  }
}

const ODD_NUMBERS = [
  '0',
  '0.0',
  '-0.5',
  '1e-7',
  '5e-7',
  '0.5e0',
  '1E3',
  '"0.5e1"',
  'true',
  'null',
  '"abc"',
  '""',
  '"1."',
  '".5"',
  '"+0.25"',
  '" 0.5"',
  '"0.00000049"',
  '"0.0000005"'
]
const MORE_ODD = [
  '9007199254.740991',
  '9007199254.740992',
  '1e400',
  '"1e-400"',
  '{}',
  '[]',
  '"0.5\\u0030"',
  '"½"',
  '12345678901234567890',
  '"0.123456789012345678"',
  '"--1"',
  '"0.12.3"',
  '-0',
  '0.1234565'
]
const ODD = [...ODD_NUMBERS, ...MORE_ODD]

function number(dice: Dice): string {
  if (dice.chance(0.01)) return dice.pick(ODD)
  const text = `0.${String(dice.below(1000)).padStart(3, '0')}`
  return dice.chance(0.95) ? `"${text}"` : text
}

function level(dice: Dice, price: string): string {
  if (dice.chance(0.004))
    return dice.pick([
      'null',
      '7',
      '"x"',
      '[]',
      '{}',
      '["0.5","1"]',
      'true',
      '{"price":"0.5"}',
      '{"size":"1"}',
      '{"price":"0.4","price":"0.6","size":"1"}'
    ])
  const fields = [`"price"${dice.space(':')}${price}`, `"size"${dice.space(':')}${number(dice)}`]
  if (dice.chance(0.01)) fields.push('"orders":3')
  return `{${(dice.chance(0.02) ? fields.toReversed() : fields).join(dice.space(','))}}`
}

function side(dice: Dice, sign: number): string {
  if (dice.chance(0.02)) return dice.pick(['null', '{}', '7', '"x"', 'false', '[[]]', '[{"price":{"a":1},"size":"1"}]'])
  const prices = dice.list(12, () => dice.below(1000)).sort((a, b) => (a - b) * sign)
  const order = dice.chance(0.85) ? prices : dice.shuffled(prices)
  const text = (px: number): string => (dice.chance(0.01) ? number(dice) : `"0.${String(px).padStart(3, '0')}"`)
  return `[${order.map((px) => level(dice, text(px))).join(dice.space(','))}]`
}

const ODD_IDS = ['null', '""', '5', '5.0', '1e3', 'true', '{"a":1}', '"\\u0041"', '"é"', `"${'9'.repeat(250)}"`, '["1"]', '-0']

function book(dice: Dice): string {
  const id = (key: string): string => `"${key}"${dice.space(':')}${dice.chance(0.03) ? dice.pick(ODD_IDS) : `"${dice.below(50)}"`}`
  const fields = [
    `"market"${dice.space(':')}"0xabc"`,
    id(dice.chance(0.9) ? 'asset_id' : dice.pick(['token_id', 'tokenId', 'assetId', 'assetid']))
  ]
  if (dice.chance(0.03)) fields.push(id(dice.pick(['asset_id', 'token_id', 'tokenId', 'assetId'])))
  const time = dice.chance(0.95)
    ? `"${1_700_000_000_000 + dice.below(1e6)}"`
    : dice.pick([
        'null',
        '12',
        '"-5"',
        '"+5"',
        '"x"',
        '1.9',
        '-1.9',
        '1e3',
        '""',
        '"1e3"',
        'true',
        '[]',
        '99999999999999999999',
        '"9007199254740992"'
      ])
  fields.push(`"timestamp"${dice.space(':')}${time}`)
  if (!dice.chance(0.05)) fields.push(`"bids"${dice.space(':')}${side(dice, 1)}`)
  if (!dice.chance(0.05)) fields.push(`"asks"${dice.space(':')}${side(dice, -1)}`)
  if (dice.chance(0.02)) fields.push(`"bids":${side(dice, 1)}`)
  fields.push(`"hash":"${dice.below(1e9)}"`, '"event_type":"book"')
  if (dice.chance(0.05))
    fields.push(
      dice.pick([
        '"x":[1,{"bids":[]}]',
        '"q":"caf\\u00e9"',
        '"q":"😀"',
        '"n":-1.5e+3',
        '"t":true',
        '"__proto__":{"bids":[]}',
        '"q":"\\"asks\\""',
        '"n":01',
        '"n":.5',
        '"n":1.',
        '"q":"\t"'
      ])
    )
  return `{${(dice.chance(0.3) ? dice.shuffled(fields) : fields).join(dice.space(','))}}`
}

function priceChange(dice: Dice): string {
  const change = (): string =>
    `{"asset_id":"${dice.below(50)}", "price":${number(dice)}, "size":${number(dice)}, "side":"BUY", "hash":"bids", "best_bid":"0.1", "best_ask":"0.2"}`
  return `{"market":"0x1", "price_changes":[${dice.list(3, change).join(', ')}], "timestamp":"17", "event_type":"price_change"}`
}

function damaged(text: string, dice: Dice): string {
  const at = dice.below(text.length)
  const kind = dice.below(5)
  if (kind === 0) return text.slice(0, at)
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1)
  if (kind === 2) return text.slice(0, at) + dice.pick(['"', ',', '{', ']', '0', ' ', 'e', '\\', ':', '-', '.']) + text.slice(at)
  if (kind === 3) return text.slice(0, at) + dice.pick(['"', ',', '}', '[', '9', '\n', '\u0001', 'ü']) + text.slice(at + 1)
  return text + dice.pick([' ', '\n', ',', '}', 'x', '\u0000', text])
}

/** For tests: the normaliser as plainly as it can be said, on JSON.parse and exact decimals. Shares no code with the product. */
export interface ReferenceEvent {
  readonly marketId: string
  readonly bid: readonly [bigint, bigint] | undefined
  readonly ask: readonly [bigint, bigint] | undefined
  readonly exchTsMs: number | undefined
}

export interface Reference {
  readonly events: ReferenceEvent[]
  decodeErrors: number
  schemaErrors: number
  scans: number
}

class Digits {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Json = Record<string, unknown>

export function reference(bytes: Uint8Array): Reference {
  const out: Reference = { events: [], decodeErrors: 0, schemaErrors: 0, scans: 0 }
  const latin = Buffer.from(bytes).toString('latin1')
  if (!latin.includes('"bids"') && !latin.includes('"asks"')) return out
  let value: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const reviver = (_: string, v: unknown, context?: { source: string }): unknown =>
      typeof v === 'number' ? new Digits(context?.source ?? '') : v
    value = JSON.parse(text, reviver as never)
  } catch {
    out.decodeErrors++
    return out
  }
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item !== 'object' || item === null || Array.isArray(item) || item instanceof Digits) out.schemaErrors++
    else if (Object.hasOwn(item, 'bids') || Object.hasOwn(item, 'asks')) book(item as Json, out)
  }
  return out
}

function book(item: Json, out: Reference): void {
  const marketId = ['asset_id', 'token_id', 'tokenId', 'assetId'].map((key) => text(item[key])).find((id) => id !== undefined && id !== '')
  if (marketId === undefined || Buffer.byteLength(marketId) > 200) {
    out.schemaErrors++
    return
  }
  const side = (name: string): unknown[] => {
    if (!Object.hasOwn(item, name)) return []
    if (Array.isArray(item[name])) return item[name]
    out.schemaErrors++
    return []
  }
  const bid = best(side('bids'), out, (a, b) => a < b)
  const ask = best(side('asks'), out, (a, b) => a > b)
  if (bid === undefined && ask === undefined) return
  out.events.push({ marketId, bid, ask, exchTsMs: time(item['timestamp']) })
}

type Pair = readonly [bigint, bigint]

function best(levels: unknown[], out: Reference, worse: (a: bigint, b: bigint) => boolean): Pair | undefined {
  const price = (i: number): bigint | undefined => e6((levels[i] as Json | null)?.['price'])
  const size = (i: number): bigint | undefined => e6((levels[i] as Json | null)?.['size'])
  const n = levels.length
  if (n === 0) return undefined
  const [first, second, middle, before, last] = [0, 1, Math.floor(n / 2), n - 2, n - 1].map((i) => (i < 0 || i >= n ? undefined : price(i)))
  const all = first !== undefined && second !== undefined && middle !== undefined && before !== undefined && last !== undefined
  if (all && worse(first, second) && !worse(middle, second) && !worse(last, middle) && !worse(last, before) && last > 0n) {
    const lastSize = size(n - 1)
    if (lastSize !== undefined && lastSize > 0n) return [last, lastSize]
  }
  out.scans++
  let found: Pair | undefined
  for (let i = 0; i < n; i++) {
    const [p, s] = [price(i), size(i)]
    if (p === undefined || s === undefined || p <= 0n || s <= 0n) continue
    if (found === undefined || worse(found[0], p)) found = [p, s]
  }
  return found
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : value instanceof Digits ? value.text : undefined
}

function time(value: unknown): number | undefined {
  const digits = text(value)
  if (digits === undefined) return undefined
  if (typeof value === 'string' && !/^[+-]?[0-9]+$/.test(digits)) return undefined
  const number = Math.trunc(Number(digits))
  return Number.isSafeInteger(number) ? number : undefined
}

/** round(decimal × 1e6), halves away from zero; undefined beyond 2^53 − 1. */
export function e6(value: unknown): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text(value) ?? 'none')
  if (match === null) return undefined
  const [, sign, whole = '', decimals = '', exponent = '0'] = match
  if (whole + decimals === '') return undefined
  const shift = Number(exponent) - decimals.length + 6
  let result = BigInt(whole + decimals)
  if (shift >= 0) result *= 10n ** BigInt(shift)
  else {
    const scale = 10n ** BigInt(-shift)
    result = (result * 2n + scale) / (scale * 2n)
  }
  if (result > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  return sign === '-' ? -result : result
}

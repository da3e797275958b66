import fc from 'fast-check'

/** JSON as a tree whose text can be written in many ways: spaces, key order, escapes, numbers or strings, keys given twice. */
export type Tree =
  | { readonly entries: readonly (readonly [string, Tree])[] }
  | { readonly items: readonly Tree[] }
  | { readonly raw: string }
  | { readonly string: string }

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
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat({ max: 99_999 }), fc.option(fc.stringMatching(/^\d{1,8}$/), { nil: '' }))
      .map(([n, d]) => (d === '' ? String(n) : `${n}.${d}`))
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '0.5',
      '.48',
      '5.',
      '1e-7',
      '5E-7',
      '1.5e3',
      '1e400',
      '-1',
      '-0',
      '9007199254.740991',
      '9007199255',
      '0.49999949999999999999',
      '0.00000050000000000000',
      '007',
      '',
      ' 1',
      'NaN',
      '0x10',
      '12345678901234567890',
      '1e',
      '+5'
    )
  }
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
    fc.constantFrom(
      raw('null'),
      raw('true'),
      raw('false'),
      raw('0'),
      raw('-1.5e3'),
      raw('[]'),
      raw('{}'),
      str(''),
      str('x"y'),
      str('é\\'),
      str('\u{1F600}'),
      str('\n')
    ),
    fc.array(tie('tree'), { maxLength: 3 }).map(arr),
    fc
      .array(fc.tuple(fc.constantFrom('price', 'size', 'asset_id', 'e', 'data', 'zz', 'bids', '__proto__', '12'), tie('tree')), {
        maxLength: 3
      })
      .map((entries) => obj(...entries))
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
    else if (dice === 4)
      entries.push([key, value], [g(fc.constantFrom, 'unknown', 'is_new', 'Z', 'data', 'changes', 'event_message'), g(() => surprise)])
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

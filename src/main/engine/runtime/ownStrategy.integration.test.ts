import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runStrategies, summaryLine, type RunOptions, type RunResult } from './index.ts'
import { makeRun, removeRuns } from './testRuns.ts'

let run = ''
let folder = ''
beforeAll(async () => {
  run = await makeRun({ seed: 21, venue: 'polymarket', markets: 10, messages: 8000, shards: 2 })
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-strategy-'))
})
afterAll(() => {
  removeRuns()
  rmSync(folder, { recursive: true })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function play(strategies: RunOptions['strategies'], options: Partial<RunOptions> = {}): Promise<RunResult> {
  return runStrategies({ source: { mode: 'replay', runDir: run }, strategies: strategies ?? [], ...options })
}

const TAKER = `
interface Top { readonly marketId: string; readonly bidPxE6?: number; readonly bidSizeE6?: number; readonly askPxE6?: number; readonly askSizeE6?: number }
export default {
  id: 'toy_taker',
  params: { size_e6: 1_000_000, threshold_bps: 6000, max_position_e6: 10_000_000 },
  onTopOfBook({ params }: { params: Record<string, number> }, { marketId, bidPxE6, bidSizeE6, askPxE6, askSizeE6 }: Top, _market: unknown, { positions }: { positions: Map<string, number> }) {
    if (bidPxE6 === undefined || bidSizeE6 === undefined || askPxE6 === undefined || askSizeE6 === undefined) return
    const lean = 10_000 * (bidSizeE6 - askSizeE6) / (bidSizeE6 + askSizeE6)
    const side = lean >= params['threshold_bps']! ? 'buy' : lean <= -params['threshold_bps']! ? 'sell' : undefined
    if (side === undefined) return
    const after = (positions.get(marketId) ?? 0) + (side === 'buy' ? 1 : -1) * params['size_e6']!
    if (Math.abs(after) > params['max_position_e6']!) return
    return [{ type: 'place', marketId, side, priceE6: side === 'buy' ? askPxE6 : bidPxE6, sizeE6: params['size_e6'], tif: 'ioc', urgency: 'taker' }]
  }
}`

test('a file of one’s own gives to the byte what the same strategy gives inside, alone or beside others, in any batches', async () => {
  const own = file('taker.ts', TAKER)
  for (const events of ['book', 'change'] as const)
    for (const options of [{}, { batchEvents: 33 }, { maxIntentsGlobal: 2 }, { maxIntentsPerStrategy: 1, maxFillSizeE6: 300_000 }]) {
      const [inside, outside] = await Promise.all(
        ['toy_taker', own].map(async (name) =>
          summaryLine(await play([{ name }, { name: 'toy_spread' }], { events, ...options }), { pnl: true, stable: true })
        )
      )
      expect(outside).toBe(inside)
    }
})

test('a function makes a strategy from its parameters; a file without an id is called by its name', async () => {
  const path = file('my maker.mjs', `export default (params) => ({ onTopOfBook: () => params.stop ? [] : undefined })`)
  const result = await play([{ name: path, params: { stop: true } }])
  expect(result).toMatchObject({ ok: true, strategyIds: ['my_maker'], intents: 0 })
  expect(result.callbackStats['my_maker']?.count).toBe(result.canonicalEvents)
})

const failing: readonly (readonly [string, string, RegExp])[] = [
  [
    'throws.ts',
    `export default {\n  onTopOfBook(_c: unknown, e: { seq: number }) {\n    if (e.seq === 77) throw new RangeError('out of luck')\n  }\n}`,
    /Strategy throws failed on event 77: RangeError: out of luck \(throws\.ts:3:\d+\)\./
  ],
  [
    'typo.js',
    `const book = undefined\nexport default {\n  onTopOfBook(c, e) {\n    if (e.seq > 76)\n      return book.best\n  }\n}`,
    /failed on event 77: TypeError: .*undefined.* \(typo\.js:5:\d+\)/
  ],
  [
    'thrower.ts',
    `export default { onTopOfBook(_c: unknown, e: { seq: number }) { if (e.seq === 77) throw 'plainly' } }`,
    /it threw "plainly"/
  ],
  [
    'nonsense.ts',
    `export default { onTopOfBook: (_c: unknown, e: { seq: number }) => e.seq < 77 ? [] : [{ type: 'place', marketId: 'x', side: 'long', priceE6: 1, sizeE6: 1 }] }`,
    /refused, to event 77: side is "buy" or "sell", but "long" came\./
  ],
  ['waits.ts', `export default { onTopOfBook: async () => [] }`, /refused, to event 1: .*a promise \(a callback answers at once/]
]

test.each(failing)('%s stops the run in order: what came before counts, and the sentence names the place', async (name, text, sentence) => {
  const result = await play([{ name: file(name, text) }, { name: 'toy_spread' }])
  expect(result).toMatchObject({ ok: false, failure: { code: 'STRATEGY_FAILED', message: expect.stringMatching(sentence) as string } })
  const last = /event (\d+)/.exec(result.failure?.message ?? '')?.[1]
  expect(result.canonicalEvents).toBe(Number(last) - 1)
  const same = await play([{ name: 'toy_spread' }], { maxEvents: Math.max(1, Number(last) - 1) })
  if (last !== '1') expect(result.finalHash).toBe(same.finalHash)
})

const dying: readonly (readonly [string, string, Partial<RunOptions>, RegExp])[] = [
  [
    'loops.ts',
    `export default { onTopOfBook(_c: unknown, e: { seq: number }) { while (e.seq > 76); } }`,
    { callbackLimitMs: 2000 },
    /Strategy loops did not answer event 77 within 2000 ms and was stopped/
  ],
  [
    'leaks.ts',
    `const kept: unknown[] = []\nexport default { onTopOfBook() { for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i)) } }`,
    { memoryLimitMb: 32, callbackLimitMs: 60_000 },
    /Strategy leaks needs more memory than the 32 MB/
  ],
  [
    'buffers.ts',
    `const kept: unknown[] = []\nexport default { onTopOfBook() { kept.push(new Uint8Array(1_000_000).fill(1)) } }`,
    { memoryLimitMb: 64 },
    /Strategy buffers held 1[2-4]\d MB in buffers, where 64 MB are allowed, after event 1[2-4]\d and was stopped/
  ],
  [
    'hoards.ts',
    `const kept: unknown[] = []\nexport default { onTopOfBook() { for (;;) { kept.push(new Uint8Array(1_000_000).fill(1)); const end = performance.now() + 5; while (performance.now() < end); } } }`,
    { memoryLimitMb: 64, callbackLimitMs: 600_000 },
    /Strategy hoards held \d+ MB in buffers, where 64 MB are allowed, and was stopped/
  ],
  [
    'micro.ts',
    `export default { onTopOfBook(_c: unknown, e: { seq: number }) { if (e.seq === 5) queueMicrotask(() => { for (;;); }) } }`,
    { batchEvents: 8, callbackLimitMs: 2000 },
    /Strategy micro did not come to rest after event \d+ within 5000 ms and was stopped. A promise or a timer/
  ],
  [
    'timer.ts',
    `export default { onTopOfBook(_c: unknown, e: { seq: number }) { if (e.seq === 5) setTimeout(() => { for (;;); }, 0) } }`,
    { batchEvents: 8, callbackLimitMs: 2000 },
    /Strategy timer did not come to rest after event \d+ within 5000 ms and was stopped/
  ],
  ['exits.ts', `export default { onTopOfBook() { process.exit(0) } }`, {}, /Strategy exits ended its own thread/],
  [
    'rejects.ts',
    `export default {\n  onTopOfBook() {\n    Promise.reject(new Error('forgotten'))\n  }\n}`,
    {},
    /Strategy rejects failed: Error: forgotten \(rejects\.ts:3:\d+\)/
  ],
  [
    'later.ts',
    `export default {\n  onTopOfBook() {\n    setTimeout(() => { throw new Error('from a timer') }, 0)\n  }\n}`,
    { batchEvents: 50 },
    /Strategy later failed: Error: from a timer \(later\.ts:3:\d+\)/
  ]
]

test('a strategy that uses and throws away large buffers is not stopped', async () => {
  const text = 'export default { onTopOfBook() { new Uint8Array(1_000_000).fill(1) } }'
  expect(await play([{ name: file('scratch.mjs', text) }], { memoryLimitMb: 64, maxEvents: 2000 })).toMatchObject({ ok: true })
})

test('a run is stopped at once, however long a strategy takes for its batch', async () => {
  const abort = new AbortController()
  const waiter = file(
    'waiter.mjs',
    'let n = 0\nexport default { onTopOfBook() { if (++n > 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); console.log("waits") } }'
  )
  const result = await play([{ name: waiter }], {
    callbackLimitMs: 600_000,
    signal: abort.signal,
    onProgress: () => setTimeout(() => abort.abort(), 100)
  })
  expect(result).toMatchObject({ ok: false, failure: { code: 'ABORTED' }, canonicalEvents: 0 })
})

test.each(dying)('%s takes its thread down and nothing else', async (name, text, options, sentence) => {
  const result = await play([{ name: file(name, text) }, { name: 'toy_spread' }], options)
  expect(result.failure?.message).toMatch(sentence)
  expect(result).toMatchObject({ ok: false, failure: { code: 'STRATEGY_FAILED' } })
})

const unusable: readonly (readonly [string, string, RegExp])[] = [
  ['empty.ts', 'export {}', /The default export of empty\.ts is a strategy .* but it is undefined/],
  ['half.ts', 'export default { id: "half" }', /The strategy in half\.ts has a method onTopOfBook, but its onTopOfBook is undefined/],
  ['named.ts', 'export default { id: "a|b", onTopOfBook() {} }', /The id of the strategy in named\.ts .* "a\|b"/],
  ['broken.ts', 'export default {\n  onTopOfBook( {}\n}', /could not be loaded: .*broken\.ts/s],
  ['import.ts', `import './not-there.ts'\nexport default { onTopOfBook() {} }`, /could not be loaded: .*not-there\.ts/],
  ['top.ts', `\nthrow new Error('at once')`, /could not be loaded: Error: at once \(top\.ts:2:\d+\)/],
  ['enum.ts', `enum Side { buy }\nexport default { onTopOfBook() {} }`, /could not be loaded/]
]

test.each(unusable)('%s is refused before the run begins', async (name, text, sentence) => {
  await expect(play([{ name: file(name, text) }])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(sentence) as string
  })
})

test('names, parameters and ids that cannot be are refused with what there is', async () => {
  const fixed = file('fixed.ts', `export default { params: { size: 5 }, onTopOfBook() {} }`)
  const refused = async (strategies: RunOptions['strategies'], sentence: RegExp): Promise<void> =>
    await expect(play(strategies)).rejects.toThrow(sentence)
  await refused([{ name: 'toy_dream' }], /There is no built-in strategy "toy_dream"; there are toy_spread, toy_taker\. .*\.\/toy_dream\.ts/)
  await refused([{ name: join(folder, 'none.ts') }], /There is no strategy file at this place/)
  await refused([{ name: folder }], /There is no strategy file at this place/)
  await refused([{ name: fixed, params: { sise: 5 } }], /Strategy fixed has no parameter "sise"; its parameters are size\./)
  await refused(
    [{ name: fixed, params: { size: 'large' } }],
    /Parameter size of strategy fixed is a number such as 5, but "large" was given\./
  )
  await refused([{ name: 'toy_spread', params: { x: 1 } }], /its parameters are size_e6, min_spread_e6/)
  await refused([{ name: 'toy_spread' }, { name: 'toy_spread' }], /Two strategies of this run are called "toy_spread"/)
})

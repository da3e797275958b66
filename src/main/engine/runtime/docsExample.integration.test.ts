import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { runStrategies } from './index.ts'
import { makeRun, removeRuns } from './testRuns.ts'

const folder = mkdtempSync(join(tmpdir(), 'tapedeck-docs-example-'))
afterAll(() => {
  removeRuns()
  rmSync(folder, { recursive: true })
})

test('the complete example of the how-to runs as it stands: it buys, it sells, its parameters hold', async () => {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..')
  const page = readFileSync(join(root, 'docs', 'how-to', 'write-a-strategy.md'), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(page)?.[1]
  expect(example).toBeDefined()
  mkdirSync(join(folder, 'a', 'b'), { recursive: true })
  const file = join(folder, 'a', 'b', 'patient.ts')
  writeFileSync(file, example ?? '')
  const runDir = await makeRun({ seed: 41, venue: 'polymarket', markets: 10, messages: 20_000, shards: 2 })
  const play = (params: Record<string, number>): ReturnType<typeof runStrategies> =>
    runStrategies({ source: { mode: 'replay', runDir }, events: 'change', strategies: [{ name: file, params }] })
  const usual = await play({})
  expect(usual).toMatchObject({ ok: true, strategyIds: ['patient'] })
  const tags = new Set(usual.details?.fills.map((fill) => fill.tag))
  expect([...tags].sort()).toEqual(['entry', 'gain'])
  const greedy = await play({ gain_e6: 1_000_000 })
  expect(new Set(greedy.details?.fills.map((fill) => fill.tag))).toEqual(new Set(['entry']))
}, 60_000)

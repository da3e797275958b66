import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..')

/** The complete example as it stands on the page. */
function exampleOfPage(): string {
  const page = readFileSync(join(root, 'docs', 'how-to', 'write-a-strategy.md'), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(page)?.[1]
  expect(example).toBeDefined()
  return example ?? ''
}

/** @returns what the compiler has to say of a strategy, beside the file with the types as the page names it */
function complaints(name: string, text: string): string {
  const at = join(folder, name)
  const types = join(at, 'src', 'main', 'engine', 'runtime')
  for (const place of [join(at, 'a', 'b'), types]) mkdirSync(place, { recursive: true })
  copyFileSync(join(root, 'src', 'main', 'engine', 'runtime', 'strategyApi.ts'), join(types, 'strategyApi.ts'))
  writeFileSync(join(at, 'a', 'b', 'patient.ts'), text)
  writeFileSync(
    join(at, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] }, include: ['a'] })
  )
  const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', at], { encoding: 'utf8' })
  return stdout
}

test('the complete example of the how-to has the right types, and a wrong word in it is found', () => {
  const example = exampleOfPage()
  expect(complaints('right', example)).toBe('')
  expect(complaints('wrong', example.replace("side: 'sell'", "side: 'short'"))).toMatch(/patient\.ts.*"short"/s)
}, 120_000)

test('the complete example of the how-to runs as it stands: it buys, it sells, its parameters hold', async () => {
  const example = exampleOfPage()
  mkdirSync(join(folder, 'a', 'b'), { recursive: true })
  const file = join(folder, 'a', 'b', 'patient.ts')
  writeFileSync(file, example)
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

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('what a strategy’s thread loads brings no native code: a thread that is ended while such code starts takes the process with it', () => {
  const door = new URL('./index.ts', import.meta.url).href
  const script = `await import(${JSON.stringify(door)}); console.log(JSON.stringify(process.report.getReport().sharedObjects.filter((name) => name.endsWith('.node'))))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect([stdout.trim(), stderr.includes('Error')]).toEqual(['[]', false])
})

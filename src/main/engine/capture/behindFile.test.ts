import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BehindFile } from './behindFile.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tapedeck-behind-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a file is written behind the thread: at the call nothing is there, in the end the newest text and nothing else', async () => {
  const path = join(folder, 'a.json')
  const refused: unknown[] = []
  const file = new BehindFile(path, (error) => refused.push(error))
  for (const text of ['first', 'second', 'third']) file.put(text)
  expect(existsSync(path)).toBe(false)
  await file.settled()
  expect([readFileSync(path, 'utf8'), readdirSync(folder), refused]).toEqual(['third', ['a.json'], []])
})

test('what is written on the thread meanwhile stays: a text that was put before it does not come after it', async () => {
  const path = join(folder, 'a.json')
  const file = new BehindFile(path, (error) => expect.unreachable(String(error)))
  file.put('old')
  file.putNow('last words')
  await file.settled()
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['last words', ['a.json']])
})

test('a folder that refuses is told', async () => {
  const refused: unknown[] = []
  const file = new BehindFile(join(folder, 'gone', 'a.json'), (error) => refused.push(error))
  file.put('x')
  await file.settled()
  expect([refused.length, existsSync(join(folder, 'gone'))]).toEqual([1, false])
})

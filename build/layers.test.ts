import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkLayers } from './layers.ts'
import { checkLockfile } from './layers/lockfileRules.ts'

const TODAY = '2026-01-15'
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'layers-'))
  mkdirSync(join(root, 'src'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

/** Plants one file and gives what is refused in it, as `line rule`. */
function refusals(file: string, text: string): string[] {
  plant(file, text)
  return checkLayers(root, TODAY, []).map((finding) => `${finding.line} ${finding.rule}`)
}

const engine = 'src/main/engine'

describe('refused', () => {
  test.each([
    ['shared imports node', 'src/shared/a.ts', `import fs from 'node:fs'`, 'zone'],
    ['shared imports the engine', 'src/shared/a.ts', `import { x } from '../main/engine/index.ts'`, 'zone'],
    ['shared imports a package', 'src/shared/a.ts', `import { z } from 'zod'`, 'zone'],
    ['the engine imports Electron', `${engine}/tape/a.ts`, `import { app } from 'electron'`, 'zone'],
    ['the engine imports React, types only', `${engine}/tape/a.ts`, `import type { FC } from 'react'`, 'zone'],
    ['the engine imports the desktop', `${engine}/tape/a.ts`, `import { x } from '../../desktop/window.ts'`, 'zone'],
    ['the engine imports the command line', `${engine}/index.ts`, `export * from '../cli/capture.ts'`, 'zone'],
    ['a test of the engine imports Electron', `${engine}/tape/a.test.ts`, `import { app } from 'electron'`, 'zone'],
    ['an engine folder imports past a door', `${engine}/tape/a.ts`, `import { x } from '../capture/shard.ts'`, 'door'],
    ['an engine folder imports the door of the whole engine', `${engine}/tape/a.ts`, `import { x } from '../index.ts'`, 'door'],
    ['an engine folder imports downstream', `${engine}/capture/a.ts`, `import { x } from '../tape/index.ts'`, 'upstream'],
    ['the catalog imports the tape', `${engine}/catalog/a.ts`, `import { x } from '../tape/index.ts'`, 'upstream'],
    ['an engine folder imports the inside of threads', `${engine}/tape/a.ts`, `import { x } from '../threads/ticker.ts'`, 'door'],
    ['the tape imports the practice venue', `${engine}/tape/a.ts`, `import { x } from '../practice/index.ts'`, 'practice'],
    ['the server imports the practice venue', 'src/main/server/a.ts', `import { x } from '../engine/practice/index.ts'`, 'practice'],
    ['the engine imports an unknown folder', `${engine}/tape/a.ts`, `import { x } from '../misc/index.ts'`, 'tree'],
    ['the server imports engine internals', 'src/main/server/a.ts', `import { x } from '../engine/tape/index.ts'`, 'zone'],
    ['the server imports Electron', 'src/main/server/a.ts', `import { app } from 'electron'`, 'zone'],
    ['the desktop imports engine internals', 'src/main/desktop/a.ts', `import { x } from '../engine/replay/index.ts'`, 'zone'],
    ['the command line imports Electron', 'src/main/cli/a.ts', `const e = await import('electron')`, 'zone'],
    ['the command line imports the desktop', 'src/main/cli.ts', `import { x } from './desktop/window.ts'`, 'zone'],
    ['main imports the renderer', 'src/main/index.ts', `import { x } from '../renderer/ui/a.ts'`, 'zone'],
    ['the preload script imports main', 'src/preload/index.ts', `import { x } from '../main/index.ts'`, 'zone'],
    ['the preload script imports node', 'src/preload/index.ts', `import fs from 'node:fs'`, 'zone'],
    ['a layer imports React', 'src/renderer/layers/a.ts', `import { useRef } from 'react'`, 'zone'],
    ['the stage imports a store', 'src/renderer/stage/a.ts', `import { x } from '../stores/session.ts'`, 'zone'],
    ['a panel imports Three', 'src/renderer/panels/A.tsx', `import { Scene } from 'three'`, 'zone'],
    ['a panel imports past the door of the layers', 'src/renderer/panels/A.tsx', `import { x } from '../layers/depth.ts'`, 'zone'],
    ['a panel imports Electron', 'src/renderer/ui/A.tsx', `import { ipcRenderer } from 'electron'`, 'zone'],
    ['a file imports test support', `${engine}/tape/a.ts`, `import { x } from '../testing/realData.ts'`, 'testOnly'],
    ['a file imports test support by its name', 'src/main/server/a.ts', `import { x } from './testServer.ts'`, 'testOnly'],
    ['a relative import has no extension', 'src/shared/a.ts', `import { x } from './b'`, 'extension'],
    ['a type is taken by an import type', 'src/shared/a.ts', `export type T = import('../main/engine/index.ts').T`, 'zone'],
    ['a file lies outside the table', 'src/other/a.ts', `export const x = 1`, 'tree'],
    ['the engine reads the wall clock', `${engine}/tape/a.ts`, `export const t = Date.now()`, 'clock'],
    ['the engine reads the wall clock by a Date', `${engine}/tape/a.ts`, `export const t = new Date()`, 'clock'],
    ['the engine reads the monotonic clock', `${engine}/tape/a.ts`, `export const t = performance.now()`, 'clock'],
    ['the engine reads the process clock', `${engine}/tape/a.ts`, `export const t = process.hrtime.bigint()`, 'clock'],
    ['the engine imports a clock', `${engine}/tape/a.ts`, `import { hrtime } from 'node:process'`, 'clock'],
    ['the engine draws chance', `${engine}/practice/a.ts`, `export const t = globalThis.Math['random']()`, 'clock'],
    ['code is made by eval', 'src/renderer/ui/a.ts', `eval('1')`, 'codeFromText'],
    ['code is made by Function', 'src/main/cli/a.ts', `export const f = new Function('return 1')`, 'codeFromText']
  ])('%s', (_name, file, text, rule) => {
    expect(refusals(file, `// first line\n${text}\n`)[0]).toBe(`${rule === 'tree' && file.startsWith('src/other') ? 1 : 2} ${rule}`)
  })
})

describe('allowed', () => {
  test.each([
    ['shared within itself', 'src/shared/api/a.ts', `import { x } from '../units.ts'`],
    ['the engine: shared, node, its libraries', `${engine}/tape/a.ts`, `import 'node:fs'\nimport 'ws'\nimport '../../../shared/units.ts'`],
    ['an engine folder upstream through a door', `${engine}/tape/a.ts`, `import '../capture/index.ts'\nimport '../bundle/index.ts'`],
    ['a venue through its own door', `${engine}/tape/a.ts`, `import '../feeds/binance/index.ts'`],
    ['files within one engine folder', `${engine}/tape/books/a.ts`, `import '../normalise.ts'`],
    ['the clock from anywhere in the engine', `${engine}/feeds/binance/a.ts`, `import '../../clock.ts'`],
    ['threads and folders both ways', `${engine}/threads/tape.worker.ts`, `import '../tape/index.ts'`],
    ['the messages of a thread from the folder that runs in it', `${engine}/capture/a.ts`, `import '../threads/captureMessages.ts'`],
    ['the session above everything', `${engine}/session/a.ts`, `import '../live/index.ts'\nimport '../practice/index.ts'`],
    ['test support by its name', `${engine}/tape/testBook.ts`, `import 'vitest'`],
    ['the door of the engine to its folders', `${engine}/index.ts`, `import './catalog/index.ts'\nimport './threads/index.ts'`],
    ['a test downstream and past doors', `${engine}/capture/a.test.ts`, `import '../practice/server.ts'\nimport '../tape/book.ts'`],
    ['the desktop starts the practice venue', 'src/main/desktop/a.ts', `import '../engine/practice/index.ts'\nimport 'electron'`],
    ['the command line starts the practice venue', 'src/main/cli/a.ts', `import '../engine/practice/index.ts'`],
    [
      'a panel: React and the doors of stage and layers',
      'src/renderer/panels/A.tsx',
      `import 'react'\nimport '../layers/index.ts'\nimport './a.css'`
    ],
    ['a layer: Three and the stage', 'src/renderer/layers/a.ts', `import 'three'\nimport '../stage/stage.ts'`],
    ['a Date of a given time in the engine', `${engine}/tape/a.ts`, `export const t = new Date(0)`],
    ['the clock itself reads the clock', `${engine}/clock.ts`, `export const t = performance.now() + Date.now()`],
    ['a test reads the clock', `${engine}/tape/a.test.ts`, `export const t = Date.now()`],
    [
      'a comment or a string that looks like an import',
      'src/shared/a.ts',
      `// import 'electron'\nexport const s = "import 'electron'; Date.now()"`
    ]
  ])('%s', (_name, file, text) => {
    expect(refusals(file, text)).toEqual([])
  })
})

describe('debt', () => {
  const owed = { file: 'src/shared/a.ts', rule: 'zone', until: TODAY, why: 'a test' }

  test('is let pass until its day and reported after it', () => {
    plant(owed.file, `import fs from 'node:fs'`)
    expect(checkLayers(root, TODAY, [owed])).toEqual([])
    expect(checkLayers(root, '2026-01-16', [owed])).toHaveLength(1)
  })

  test('that is paid has to leave the list', () => {
    expect(checkLayers(root, TODAY, [owed])).toMatchObject([{ rule: 'debt', file: owed.file }])
  })
})

describe('the lockfile', () => {
  const lock = (entry: object): string => JSON.stringify({ packages: { '': {}, 'node_modules/a': entry } }, undefined, 1)

  test.each([
    ['an address', { version: '1.0.0', resolved: 'https://example.invalid/a.tgz', integrity: 'sha512-x' }],
    ['an address for a version', { version: 'git+ssh://example.invalid/a.git#1', integrity: 'sha512-x' }],
    ['no hash', { version: '1.0.0' }]
  ])('may not carry %s', (_name, entry) => {
    expect(checkLockfile(lock(entry))).toMatchObject([{ rule: 'lockfile', line: 4 }])
  })

  test('of this repository carries no addresses', () => {
    expect(checkLockfile(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))).toEqual([])
  })
})

import { expect, test } from 'vitest'
import { workerEntry } from './workerEntry.ts'

test('from source a thread is the TypeScript file beside the module', () => {
  expect(workerEntry('tape', 'file:///repo/src/main/engine/threads/workerEntry.ts').href).toBe(
    'file:///repo/src/main/engine/threads/tape.worker.ts'
  )
  expect(workerEntry('capture').pathname).toMatch(/\/src\/main\/engine\/threads\/capture\.worker\.ts$/)
})

test('from a built entry a thread is the built file in the same folder', () => {
  expect(workerEntry('replay', 'file:///app/out/main/cli.js').href).toBe('file:///app/out/main/replay.worker.js')
})

test('from a built chunk a thread is the built file one folder up', () => {
  expect(workerEntry('capture', 'file:///app/out/main/chunks/engine-B1x.js').href).toBe('file:///app/out/main/capture.worker.js')
})

test('a checkout below a folder named chunks is still found', () => {
  expect(workerEntry('tape', 'file:///home/chunks/app/out/main/index.js').href).toBe('file:///home/chunks/app/out/main/tape.worker.js')
})

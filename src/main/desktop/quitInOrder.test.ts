import { expect, test, vi } from 'vitest'
import { quitInOrder, quitOnSignals, type QuittingApp } from './quitInOrder.ts'

/** An app that ends as Electron does: unless someone holds it back. */
class TestApp implements QuittingApp {
  ended: number | undefined
  held = 0
  #listener: (event: { preventDefault(): void }) => void = () => undefined
  on(_event: 'before-quit', listener: (event: { preventDefault(): void }) => void): void {
    this.#listener = listener
  }
  quit(): void {
    let held = false
    this.#listener({ preventDefault: () => (held = true) })
    if (held) this.held++
    else this.ended ??= 0
  }
  exit(code: number): void {
    this.ended ??= code
  }
}

function setUp(dispose: () => Promise<void>, limitMs = 60_000) {
  const app = new TestApp()
  const lines: string[] = []
  quitInOrder(app, { dispose, limitMs, say: (line) => lines.push(line) })
  return { app, lines }
}

test('the app ends only after everything has ended, and everything is ended once', async () => {
  let release: () => void = () => undefined
  const dispose = vi.fn(() => new Promise<void>((done) => (release = done)))
  const { app } = setUp(dispose)
  app.quit()
  app.quit()
  expect(app.ended).toBeUndefined()
  release()
  await expect.poll(() => app.ended).toBe(0)
  expect(dispose).toHaveBeenCalledTimes(1)
  expect(app.held).toBe(2)
})

test('what does not end in time is cut off, with exit code 1 and a sentence', async () => {
  const { app, lines } = setUp(() => new Promise(() => undefined), 5)
  app.quit()
  await expect.poll(() => app.ended).toBe(1)
  expect(lines[0]).toContain('took too long')
})

test('a failure to end in order is told and does not keep the app alive', async () => {
  const { app, lines } = setUp(() => Promise.reject(new Error('disk')))
  app.quit()
  await expect.poll(() => app.ended).toBe(0)
  expect(lines[0]).toContain('disk')
})

test('the first signal ends in order, the second at once', () => {
  const { app } = setUp(() => new Promise(() => undefined))
  const listeners: (() => void)[] = []
  quitOnSignals(app, (_signal, listener) => listeners.push(listener))
  expect(listeners).toHaveLength(3)
  listeners[0]?.()
  expect(app.ended).toBeUndefined()
  listeners[1]?.()
  expect(app.ended).toBe(1)
})

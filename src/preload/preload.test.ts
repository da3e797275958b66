import { beforeEach, expect, test, vi } from 'vitest'

const exposed: Record<string, Record<string, unknown>> = {}
const listeners = new Map<string, (event: { ports: unknown[] }) => void>()
const invoke = vi.fn((..._args: unknown[]) => Promise.resolve('answer'))
const send = vi.fn()
const postMessage = vi.fn()

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: Record<string, unknown>) => (exposed[name] = api) },
  ipcRenderer: { invoke, send, on: (channel: string, listener: never) => listeners.set(channel, listener) },
  webUtils: { getPathForFile: (file: { path: string }) => file.path }
}))

beforeEach(async () => {
  vi.stubGlobal('window', { postMessage })
  vi.stubGlobal('location', { origin: 'app://bundle' })
  await import('./index.ts')
})

test('the page gets four named methods and nothing else', () => {
  expect(Object.keys(exposed)).toEqual(['studio'])
  expect(Object.keys(exposed['studio'] ?? {}).sort()).toEqual(['call', 'openFrames', 'pathForFile', 'platform'])
  expect(JSON.stringify(exposed)).not.toContain('ipcRenderer')
})

test('calls go to one channel, whatever the page asks for', async () => {
  const call = exposed['studio']!['call'] as (command: unknown, ...more: unknown[]) => Promise<unknown>
  expect(await call({ cmd: 'session_get' }, 'other:channel')).toBe('answer')
  expect(invoke.mock.calls).toEqual([['studio:call', { cmd: 'session_get' }]])
})

test('frames are asked for, and their port is handed to this very page only', () => {
  ;(exposed['studio']!['openFrames'] as (...args: unknown[]) => void)('anything')
  expect(send.mock.calls).toEqual([['studio:open-frames']])
  const port = {}
  listeners.get('studio:frames')?.({ ports: [port] })
  expect(postMessage.mock.calls).toEqual([[{ kind: 'tapedeck-frames' }, 'app://bundle', [port]]])
})

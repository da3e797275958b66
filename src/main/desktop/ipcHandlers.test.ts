import { expect, test } from 'vitest'
import type { Engine } from '../engine/index.ts'
import { handleCall, handleOpenFrames } from './ipcHandlers.ts'
import type { SenderEvent } from './trust.ts'

const asked: unknown[] = []
const engine = {
  callUnknown: (command: unknown) => {
    asked.push(command)
    return command === 'throw' ? Promise.reject(new Error('boom')) : Promise.resolve({ ok: true, value: command })
  }
} as unknown as Engine

const mainFrame = { url: 'app://bundle/' }
const ours: SenderEvent = { senderFrame: mainFrame, sender: { mainFrame } }
const evilFrame = { url: 'https://evil.example/' }

const hostile: readonly (readonly [string, SenderEvent])[] = [
  ['no frame', { senderFrame: null, sender: { mainFrame } }],
  ['a frame inside our page', { senderFrame: { url: 'app://bundle/' }, sender: { mainFrame } }],
  ['a foreign page', { senderFrame: evilFrame, sender: { mainFrame: evilFrame } }],
  ['a foreign frame inside our page', { senderFrame: evilFrame, sender: { mainFrame } }]
]

test('a call of our page is passed on and answered', async () => {
  expect(await handleCall(engine)(ours, { cmd: 'session_get' })).toEqual({ ok: true, value: { cmd: 'session_get' } })
})

test('a broken promise of the engine is an answer without a stack', async () => {
  const reply = await handleCall(engine)(ours, 'throw')
  expect(reply).toMatchObject({ ok: false, failure: { code: 'INTERNAL' } })
  expect(JSON.stringify(reply)).not.toContain(' at ')
})

test.each(hostile)('from %s nothing is taken on any channel', async (_name, event) => {
  const before = asked.length
  await expect(handleCall(engine)(event, { cmd: 'session_get' })).rejects.toThrow('refused')
  expect(asked.length).toBe(before)
  let opened = 0
  expect(() => handleOpenFrames(() => opened++)(event)).not.toThrow()
  expect(opened).toBe(0)
})

test('frames are opened for our page', () => {
  const opened: unknown[] = []
  handleOpenFrames((sender) => opened.push(sender))(ours)
  expect(opened).toEqual([ours.sender])
})

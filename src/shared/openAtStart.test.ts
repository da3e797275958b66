import { expect, test } from 'vitest'
import type { StudioCommand } from './api/index.ts'
import { openAtStart } from './openAtStart.ts'

const failure = { code: 'BUNDLE_FOREIGN', message: 'No bundle.' } as const

/** A studio that fails at one command, if any. */
function studio(failing?: StudioCommand['cmd']) {
  const asked: StudioCommand[] = []
  const call = (command: StudioCommand) => {
    asked.push(command)
    return Promise.resolve(
      command.cmd === failing ? ({ ok: false, failure } as const) : ({ ok: true, value: { path: '/runs/a' } } as const)
    )
  }
  return { asked, call }
}

test('nothing asked for, nothing done', async () => {
  const { asked, call } = studio()
  expect(await openAtStart(call, {})).toBeUndefined()
  expect(asked).toEqual([])
})

test('a bundle is added to the library and opened where the library put it', async () => {
  const { asked, call } = studio()
  expect(await openAtStart(call, { open: '/tmp/a.zip', demo: '/demo' })).toBeUndefined()
  expect(asked).toEqual([
    { cmd: 'library_add', path: '/tmp/a.zip' },
    { cmd: 'replay_open', path: '/runs/a' }
  ])
})

test('the demo is opened and played', async () => {
  const { asked, call } = studio()
  expect(await openAtStart(call, { demo: '/demo' })).toBeUndefined()
  expect(asked).toEqual([{ cmd: 'replay_open', path: '/demo' }, { cmd: 'replay_play' }])
})

test.each(['library_add', 'replay_open', 'replay_play'] as const)('a failure of %s is told', async (failing) => {
  const { call } = studio(failing)
  expect(await openAtStart(call, failing === 'replay_play' ? { demo: '/demo' } : { open: '/a' })).toEqual(failure)
})

import { describe, expect, test } from 'vitest'
import { KEY_HELP, keyCommand } from './keyCommands.ts'

const press = (key: string, held: { shiftKey?: boolean; ctrlKey?: boolean } = {}) =>
  keyCommand({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held })

describe('keys', () => {
  test.each([
    [' ', { do: 'toggle_play' }],
    ['ArrowLeft', { do: 'seek_by', seconds: -1 }],
    ['ArrowRight', { do: 'seek_by', seconds: 1 }],
    ['.', { do: 'step_event' }],
    ['Home', { do: 'home' }],
    ['End', { do: 'end' }],
    ['[', { do: 'speed', by: -1 }],
    [']', { do: 'speed', by: 1 }],
    ['Escape', { do: 'dismiss' }]
  ] as const)('%s', (key, command) => expect(press(key)).toEqual(command))

  test('Shift makes the arrows go ten seconds', () => {
    expect(press('ArrowLeft', { shiftKey: true })).toEqual({ do: 'seek_by', seconds: -10 })
  })

  test('? needs Shift on most keyboards and opens the sheet', () => {
    expect(press('?', { shiftKey: true })).toEqual({ do: 'help' })
  })

  test('what belongs to the browser or means nothing is left alone', () => {
    expect(press(' ', { ctrlKey: true })).toBeUndefined()
    expect(press('x')).toBeUndefined()
  })

  test('the sheet names every key once', () => {
    expect(new Set(KEY_HELP.map(([keys]) => keys)).size).toBe(KEY_HELP.length)
  })
})

import { describe, expect, test } from 'vitest'
import { StudioError } from '../../../shared/errors.ts'
import type { SecretStore } from '../engineTypes.ts'
import { parseCommand } from './commandSchema.ts'
import { Secrets } from './secrets.ts'

const KEY = '0123456789abcdef0123456789abcdef'

function storeOf(kept: Map<string, string>, refusal?: string): SecretStore {
  return {
    refusal: () => refusal,
    get: (name) => kept.get(name),
    set: (name, value) => void kept.set(name, value),
    clear: (name) => void kept.delete(name)
  }
}

describe('keys of services', () => {
  test('are kept, used and forgotten; a screen hears only where they are', () => {
    const kept = new Map<string, string>()
    const secrets = new Secrets({ store: storeOf(kept), environment: {} })
    expect(secrets.facts()).toEqual([{ name: 'pws', variable: 'TAPEDECK_PWS_KEY', origin: 'none' }])
    secrets.set('pws', KEY)
    expect(secrets.facts()[0]?.origin).toBe('keychain')
    expect(JSON.stringify(secrets.facts())).not.toContain(KEY)
    expect(secrets.forCapture(false)).toEqual({ pwsKey: KEY })
    secrets.clear('pws')
    expect([secrets.facts()[0]?.origin, secrets.forCapture(false)]).toEqual(['none', {}])
  })

  test('of the environment win, and a practice venue is given none of them', () => {
    const secrets = new Secrets({ store: storeOf(new Map([['pws', KEY]])), environment: { TAPEDECK_PWS_KEY: 'from-outside' } })
    expect(secrets.facts()[0]?.origin).toBe('environment')
    expect(secrets.forCapture(false)).toEqual({ pwsKey: 'from-outside' })
    expect(JSON.stringify(secrets.forCapture(true))).not.toMatch(/from-outside|0123/)
  })

  test('are refused with a sentence where nothing can keep them', () => {
    const browser = new Secrets({ store: undefined, environment: {} })
    expect(browser.facts()[0]?.refusal).toContain('TAPEDECK_PWS_KEY')
    expect(() => browser.set('pws', KEY)).toThrow('The browser keeps no keys')
    const bare = new Secrets({ store: storeOf(new Map(), 'There is no keychain.'), environment: {} })
    expect(() => bare.set('pws', KEY)).toThrow('There is no keychain.')
  })

  test('that cannot be read are as none, and it is said why', () => {
    const broken = (): never => {
      throw new StudioError('FILE_FAILED', 'The key cannot be read any more.')
    }
    const secrets = new Secrets({ store: { ...storeOf(new Map()), get: broken }, environment: {} })
    expect(secrets.facts()[0]).toMatchObject({ origin: 'none', problem: 'The key cannot be read any more.' })
    expect(secrets.forCapture(false)).toEqual({})
  })
})

test.each(['short', `${KEY} with a space`, 'x'.repeat(201), `${KEY}\n`, 7])(
  'a key such as %o is refused without being repeated',
  (value) => {
    let message = ''
    try {
      parseCommand({ cmd: 'secret_set', name: 'pws', value })
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toMatch(/^The field value /)
    expect(message).not.toContain(String(value))
  }
)

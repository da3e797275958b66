import { describe, expect, test } from 'vitest'
import { builtInStrategy } from '../../shared/api/index.ts'
import { strategyRequestOf } from './strategyRequest.ts'
import { OWN_FILE, type StrategyForm } from './strategyStore.ts'

const form = (change: Partial<StrategyForm> = {}): StrategyForm => ({
  path: '',
  strategy: 'toy_taker',
  file: '',
  events: 'book',
  params: [{ name: 'size_e6', value: '1000000' }],
  ...change
})

describe('the request of the run panel', () => {
  test('it is about the open bundle unless another is chosen', () => {
    expect(strategyRequestOf(form(), '/runs/a')).toEqual({
      request: { path: '/runs/a', strategies: ['toy_taker'], events: 'book', params: { size_e6: 1_000_000 } }
    })
    expect(strategyRequestOf(form({ path: '/runs/b' }), '/runs/a')).toMatchObject({ request: { path: '/runs/b' } })
    expect(strategyRequestOf(form(), '')).toMatchObject({ problem: expect.stringContaining('Open a bundle') })
  })

  test('a strategy of one’s own is a script by its path', () => {
    expect(strategyRequestOf(form({ strategy: OWN_FILE, file: ' /me/my.ts ' }), '/a')).toMatchObject({
      request: { strategies: ['/me/my.ts'] }
    })
    expect(strategyRequestOf(form({ strategy: OWN_FILE, file: '/me/my.txt' }), '/a')).toHaveProperty('problem')
  })

  test.each([
    ['', 'a number without a name', '1'],
    ['a b', 'a name with a space', '1'],
    ['x', 'no number', 'many'],
    ['x', 'an empty value', ''],
    ['x', 'infinity', 'Infinity']
  ])('%s: %s is refused', (name, _what, value) => {
    expect(strategyRequestOf(form({ params: [{ name, value }] }), '/a')).toHaveProperty('problem')
  })

  test('an empty row is left out, a name that comes twice is refused', () => {
    expect(strategyRequestOf(form({ params: [{ name: '', value: ' ' }] }), '/a')).toMatchObject({ request: { params: {} } })
    const twice = [
      { name: 'x', value: '1' },
      { name: 'x', value: '2' }
    ]
    expect(strategyRequestOf(form({ params: twice }), '/a')).toMatchObject({ problem: 'The parameter x is there twice.' })
  })

  test('the defaults of the built-in strategies are there', () => {
    expect(builtInStrategy('toy_spread')?.params).toEqual({ size_e6: 1_000_000, min_spread_e6: 50_000 })
    expect(builtInStrategy('none')).toBeUndefined()
  })
})

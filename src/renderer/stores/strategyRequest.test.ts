import { describe, expect, test } from 'vitest'
import { builtInStrategy, RUN_SETTINGS } from '../../shared/api/index.ts'
import { useLiveForm } from './liveFormStore.ts'
import { strategyCommandOf, type CommandOrProblem } from './strategyRequest.ts'
import { defaultSettings, OWN_FILE, type StrategyEntry, type StrategyForm } from './strategyStore.ts'

const entry = (change: Partial<StrategyEntry> = {}): StrategyEntry => ({ strategy: 'toy_taker', file: '', params: [], ...change })
const form = (change: Partial<StrategyForm> = {}): StrategyForm => ({
  over: 'bundle',
  path: '',
  seconds: '60',
  events: 'book',
  strategies: [entry({ params: [{ name: 'size_e6', kind: 'number', value: '1000000' }] })],
  settings: defaultSettings(),
  ...change
})
const made = (change: Partial<StrategyForm>, open = '/a'): CommandOrProblem =>
  strategyCommandOf(form(change), open, useLiveForm.getInitialState())
const DEFAULTS = { feeBps: 100, takerSlippageBps: 10, callbackLimitMs: 1000, memoryLimitMb: 256 }

describe('the command of the run panel', () => {
  test('it is about the open bundle unless another is chosen, and carries the defaults', () => {
    expect(made({}, '/runs/a')).toEqual({
      command: {
        cmd: 'strategy_run',
        path: '/runs/a',
        plan: { strategies: [{ name: 'toy_taker', params: { size_e6: 1_000_000 } }], events: 'book', settings: DEFAULTS }
      }
    })
    expect(made({ path: '/runs/b' }, '/runs/a')).toMatchObject({ command: { path: '/runs/b' } })
    expect(made({}, '')).toMatchObject({ problem: expect.stringContaining('Open a bundle') as string })
  })

  test('a live run listens to the source of the Go LIVE form for so many seconds', () => {
    const live = { kind: 'practice', venue: 'polymarket', markets: 25, messagesPerSecond: 400, seed: 1 }
    expect(made({ over: 'live', seconds: '90' }, '')).toMatchObject({ command: { cmd: 'strategy_live', source: live, seconds: 90 } })
    for (const seconds of ['', '0', '1.5', '9999999']) expect(made({ over: 'live', seconds })).toHaveProperty('problem')
    const source = { ...useLiveForm.getInitialState(), seed: 'x' }
    expect(strategyCommandOf(form({ over: 'live' }), '', source)).toMatchObject({ problem: expect.stringContaining('seed') as string })
  })

  test('a strategy of one’s own is a script by its path', () => {
    expect(made({ strategies: [entry({ strategy: OWN_FILE, file: ' /me/my.ts ' })] })).toMatchObject({
      command: { plan: { strategies: [{ name: '/me/my.ts' }] } }
    })
    expect(made({ strategies: [entry({ strategy: OWN_FILE, file: '/me/my.txt' })] })).toHaveProperty('problem')
  })

  test('there may be several strategies with parameters of their own, or none, but none twice', () => {
    const two = [entry({ params: [{ name: 'x', kind: 'number', value: '1' }] }), entry({ strategy: 'toy_spread' })]
    expect(made({ strategies: two })).toMatchObject({
      command: {
        plan: {
          strategies: [
            { name: 'toy_taker', params: { x: 1 } },
            { name: 'toy_spread', params: {} }
          ]
        }
      }
    })
    expect(made({ strategies: [] })).toMatchObject({ command: { plan: { strategies: [] } } })
    expect(made({ strategies: [entry(), entry()] })).toMatchObject({ problem: 'The strategy toy_taker is there twice.' })
  })

  test.each([
    ['a number without a name', '', '1'],
    ['a name with a space', 'a b', '1'],
    ['no number', 'x', 'many'],
    ['an empty value', 'x', ''],
    ['infinity', 'x', 'Infinity']
  ])('%s is refused', (_what, name, value) => {
    expect(made({ strategies: [entry({ params: [{ name, kind: 'number', value }] })] })).toHaveProperty('problem')
  })

  test('parameters are numbers, texts, or yes and no', () => {
    const params = [
      { name: 'n', kind: 'number', value: '2.5' },
      { name: 't', kind: 'text', value: '5' },
      { name: 'empty', kind: 'text', value: '' },
      { name: 'y', kind: 'yes or no', value: 'yes' },
      { name: 'z', kind: 'yes or no', value: 'no' }
    ] as const
    expect(made({ strategies: [entry({ params })] })).toMatchObject({
      command: { plan: { strategies: [{ params: { n: 2.5, t: '5', empty: '', y: true, z: false } }] } }
    })
    expect(made({ strategies: [entry({ params: [{ name: 'y', kind: 'yes or no', value: '' }] })] })).toMatchObject({
      problem: 'The parameter y must be yes or no; found "".'
    })
  })

  test('an empty row is left out, a name that comes twice is refused', () => {
    expect(made({ strategies: [entry({ params: [{ name: '', kind: 'number', value: ' ' }] })] })).toMatchObject({
      command: { plan: { strategies: [{ params: {} }] } }
    })
    const twice = [1, 2].map((value) => ({ name: 'x', kind: 'number' as const, value: String(value) }))
    expect(made({ strategies: [entry({ params: twice })] })).toMatchObject({ problem: 'The parameter x is there twice.' })
  })

  test.each(RUN_SETTINGS.map((setting) => [setting.label, setting] as const))('%s is bounded, and empty means none', (label, setting) => {
    const typed = (value: string): CommandOrProblem => made({ settings: { ...defaultSettings(), [setting.key]: value } })
    expect(typed(String(setting.max))).toMatchObject({ command: { plan: { settings: { [setting.key]: setting.max } } } })
    const none = typed('')
    expect('command' in none && setting.key in none.command.plan.settings).toBe(false)
    expect(typed('-1')).toMatchObject({ problem: expect.stringContaining(`${label} is a `) as string })
  })

  test('the defaults of the built-in strategies are there', () => {
    expect(builtInStrategy('toy_spread')?.params).toEqual({ size_e6: 1_000_000, min_spread_e6: 50_000 })
    expect(builtInStrategy('none')).toBeUndefined()
  })
})

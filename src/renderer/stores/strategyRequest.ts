import {
  MAX_LIVE_RUN_SECONDS,
  RUN_SETTINGS,
  runSettingOf,
  type LiveSource,
  type RunSettingKey,
  type StrategyPick,
  type StrategyPlan
} from '../../shared/api/index.ts'
import { sourceOf, type LiveForm } from './liveFormStore.ts'
import { OWN_FILE, type ParameterRow, type StrategyEntry, type StrategyForm } from './strategyStore.ts'

interface Problem {
  readonly problem: string
}

export type StrategyCommand =
  | { readonly cmd: 'strategy_run'; readonly path: string; readonly plan: StrategyPlan }
  | { readonly cmd: 'strategy_live'; readonly source: LiveSource; readonly seconds: number; readonly plan: StrategyPlan }

export type CommandOrProblem = { readonly command: StrategyCommand } | Problem

const MAX_STRATEGIES = 16

/**
 * Makes the command of a form, or says in one sentence which field is wrong.
 * @param openPath bundle that is open, empty without one
 * @param live the Go LIVE form, whose source a live run listens to
 */
export function strategyCommandOf(form: StrategyForm, openPath: string, live: LiveForm): CommandOrProblem {
  const plan = planOf(form)
  if (form.over === 'live') {
    const source = sourceOf(live)
    if ('problem' in source) return source
    const seconds = Number(form.seconds)
    if (!/^\d+$/.test(form.seconds.trim()) || seconds < 1 || seconds > MAX_LIVE_RUN_SECONDS)
      return { problem: `A live run takes a whole number of seconds from 1 to ${MAX_LIVE_RUN_SECONDS}; found "${form.seconds.trim()}".` }
    return 'problem' in plan ? plan : { command: { cmd: 'strategy_live', source: source.source, seconds, plan } }
  }
  const path = form.path === '' ? openPath : form.path
  if (path === '') return { problem: 'Open a bundle, or choose one of the library.' }
  return 'problem' in plan ? plan : { command: { cmd: 'strategy_run', path, plan } }
}

function planOf({ strategies, events, settings }: StrategyForm): StrategyPlan | Problem {
  if (strategies.length > MAX_STRATEGIES) return { problem: `A run takes at most ${MAX_STRATEGIES} strategies.` }
  const picks: StrategyPick[] = []
  for (const entry of strategies) {
    const pick = pickOf(entry)
    if ('problem' in pick) return pick
    if (picks.some(({ name }) => name === pick.name)) return { problem: `The strategy ${pick.name} is there twice.` }
    picks.push(pick)
  }
  const numbers = settingsOf(settings)
  return 'problem' in numbers ? numbers : { strategies: picks, events, settings: numbers.values }
}

function pickOf({ strategy, file: typed, params }: StrategyEntry): StrategyPick | Problem {
  const own = strategy === OWN_FILE
  const file = typed.trim()
  if (own && !/\.(m?js|m?ts)$/i.test(file)) return { problem: 'Name a strategy file: a path that ends in .ts, .mts, .js or .mjs.' }
  const made = paramsOf(params)
  return 'problem' in made ? made : { name: own ? file : strategy, params: made.values }
}

function settingsOf(typed: StrategyForm['settings']): { readonly values: StrategyPlan['settings'] } | Problem {
  const values: Partial<Record<RunSettingKey, number>> = {}
  for (const setting of RUN_SETTINGS) {
    const text = typed[setting.key].trim()
    if (text === '') continue
    const made = runSettingOf(setting, text)
    if ('problem' in made) return { problem: `${setting.label} ${made.problem}.` }
    values[setting.key] = made.value
  }
  return { values }
}

function paramsOf(rows: readonly ParameterRow[]): { readonly values: StrategyPick['params'] } | Problem {
  const values: Record<string, number | string | boolean> = {}
  for (const row of rows) {
    const name = row.name.trim()
    if (name === '' && row.value.trim() === '') continue
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,59}$/.test(name))
      return { problem: `A parameter's name is letters, digits and _, at most 60 of them; found "${name}".` }
    const value = valueOf(row)
    if (value === undefined)
      return {
        problem: `The parameter ${name} must be ${row.kind === 'number' ? 'a number' : 'yes or no'}; found "${row.value.trim()}".`
      }
    if (Object.hasOwn(values, name)) return { problem: `The parameter ${name} is there twice.` }
    values[name] = value
  }
  return { values }
}

/** @returns undefined when the text does not fit the kind */
function valueOf({ kind, value: text }: ParameterRow): number | string | boolean | undefined {
  if (kind === 'text') return text
  if (kind === 'yes or no') return text === 'yes' ? true : text === 'no' ? false : undefined
  const value = Number(text)
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value
}

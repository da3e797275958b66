import { create } from 'zustand'
import { builtInStrategy, RUN_SETTINGS, type RunSetting, type RunSettingKey, type StrategyResult } from '../../shared/api/index.ts'

/** Stands for a strategy of one's own in the list of strategies. */
export const OWN_FILE = 'file'

export const PARAMETER_KINDS = ['number', 'text', 'yes or no'] as const
export type ParameterKind = (typeof PARAMETER_KINDS)[number]

export interface ParameterRow {
  readonly name: string
  readonly kind: ParameterKind
  readonly value: string
}

/** One strategy of the run, as typed. */
export interface StrategyEntry {
  /** Id of a built-in strategy, or OWN_FILE. */
  readonly strategy: string
  readonly file: string
  readonly params: readonly ParameterRow[]
}

/** The run panel as typed. Text stays text until Run is pressed. */
export interface StrategyForm {
  /** A bundle is replayed; live listens to the source of the Go LIVE form. */
  readonly over: 'bundle' | 'live'
  /** Bundle that was chosen; empty = the one that is open. */
  readonly path: string
  /** Length of a live run, seconds. */
  readonly seconds: string
  readonly events: 'book' | 'change'
  readonly strategies: readonly StrategyEntry[]
  /** Empty = none. */
  readonly settings: Readonly<Record<RunSettingKey, string>>
}

/** What of a result is drawn over the timeline; fills on the heatmap too. */
export interface Shown {
  readonly showSeries: boolean
  readonly showFills: boolean
  readonly showIntents: boolean
}

interface StrategyStore extends Shown {
  readonly form: StrategyForm
  /** Newest result; stays until another run has ended or it is cleared. */
  readonly result: StrategyResult | undefined
  /** Why the newest run gave no result; empty when it did. */
  readonly problem: string
}

export const useStrategy = create<StrategyStore>(() => ({
  form: {
    over: 'bundle',
    path: '',
    seconds: '60',
    events: 'book',
    strategies: [newEntry('toy_taker')],
    settings: defaultSettings()
  },
  result: undefined,
  problem: '',
  showSeries: true,
  showFills: true,
  showIntents: true
}))

export function setStrategyForm(change: Partial<StrategyForm>): void {
  useStrategy.setState(({ form }) => ({ form: { ...form, ...change } }))
}

export function setRunSetting(key: RunSettingKey, value: string): void {
  setStrategyForm({ settings: { ...useStrategy.getState().form.settings, [key]: value } })
}

export function setEntry(index: number, change: Partial<StrategyEntry>): void {
  const { strategies } = useStrategy.getState().form
  setStrategyForm({ strategies: strategies.map((entry, i) => (i === index ? { ...entry, ...change } : entry)) })
}

/** Another strategy is chosen: its own defaults take the place of the rows. */
export function chooseStrategy(index: number, strategy: string): void {
  setEntry(index, { strategy, params: defaultRows(strategy) })
}

export function addStrategy(): void {
  const { strategies } = useStrategy.getState().form
  const unused = ['toy_taker', 'toy_spread'].find((id) => strategies.every(({ strategy }) => strategy !== id))
  setStrategyForm({ strategies: [...strategies, newEntry(unused ?? OWN_FILE)] })
}

export function removeStrategy(index: number): void {
  setStrategyForm({ strategies: useStrategy.getState().form.strategies.filter((_, i) => i !== index) })
}

export function showStrategyResult(result: StrategyResult | undefined, problem = ''): void {
  useStrategy.setState({ result, problem })
}

export function showOnTimeline(change: Partial<Shown>): void {
  useStrategy.setState(change)
}

export function defaultSettings(): Record<RunSettingKey, string> {
  const entries = (RUN_SETTINGS as readonly RunSetting[]).map(({ key, default: value }) => [key, value?.toString() ?? ''])
  return Object.fromEntries(entries) as Record<RunSettingKey, string>
}

function newEntry(strategy: string): StrategyEntry {
  return { strategy, file: '', params: defaultRows(strategy) }
}

function defaultRows(strategy: string): readonly ParameterRow[] {
  const params = Object.entries(builtInStrategy(strategy)?.params ?? {})
  return params.map(([name, value]) => ({ name, kind: 'number', value: String(value) }))
}

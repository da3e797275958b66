import { create } from 'zustand'
import { builtInStrategy, type StrategyResult } from '../../shared/api/index.ts'

/** Stands for a strategy of one's own in the list of strategies. */
export const OWN_FILE = 'file'

export interface ParameterRow {
  readonly name: string
  readonly value: string
}

/** The run panel as typed. Text stays text until Run is pressed. */
export interface StrategyForm {
  /** Bundle that was chosen; empty = the one that is open. */
  readonly path: string
  /** Id of a built-in strategy, or OWN_FILE. */
  readonly strategy: string
  readonly file: string
  readonly events: 'book' | 'change'
  readonly params: readonly ParameterRow[]
}

interface StrategyStore {
  readonly form: StrategyForm
  /** Newest result; stays until another run has ended or it is cleared. */
  readonly result: StrategyResult | undefined
  /** Why the newest run gave no result; empty when it did. */
  readonly problem: string
  /** Whether PnL and position are drawn over the timeline. */
  readonly showSeries: boolean
  readonly showFills: boolean
}

export const useStrategy = create<StrategyStore>(() => ({
  form: { path: '', strategy: 'toy_taker', file: '', events: 'book', params: defaultRows('toy_taker') },
  result: undefined,
  problem: '',
  showSeries: true,
  showFills: true
}))

export function setStrategyForm(change: Partial<StrategyForm>): void {
  useStrategy.setState(({ form }) => ({ form: { ...form, ...change } }))
}

/** Another strategy is chosen: its own defaults take the place of the rows. */
export function chooseStrategy(strategy: string): void {
  setStrategyForm({ strategy, params: defaultRows(strategy) })
}

export function setParameter(index: number, change: Partial<ParameterRow>): void {
  const { params } = useStrategy.getState().form
  setStrategyForm({ params: params.map((row, i) => (i === index ? { ...row, ...change } : row)) })
}

export function addParameter(): void {
  setStrategyForm({ params: [...useStrategy.getState().form.params, { name: '', value: '' }] })
}

export function removeParameter(index: number): void {
  setStrategyForm({ params: useStrategy.getState().form.params.filter((_, i) => i !== index) })
}

export function showStrategyResult(result: StrategyResult | undefined, problem = ''): void {
  useStrategy.setState({ result, problem })
}

export function showOnTimeline(change: Partial<Pick<StrategyStore, 'showSeries' | 'showFills'>>): void {
  useStrategy.setState(change)
}

function defaultRows(strategy: string): readonly ParameterRow[] {
  return Object.entries(builtInStrategy(strategy)?.params ?? {}).map(([name, value]) => ({ name, value: String(value) }))
}

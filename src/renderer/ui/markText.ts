import type { JumpKind } from '../../shared/api/index.ts'
import type { WindowTrigger } from '../../shared/channels/index.ts'

/** Kinds of places, as the buttons and menus name them. */
export const JUMP_NAMES: Readonly<Record<JumpKind, string>> = {
  metar: 'METAR',
  window: 'window',
  shock: 'shock',
  gap: 'gap',
  trade: 'trade',
  decision: 'decision'
}

/** Keys that go to the next of a kind; with Shift to the previous. */
export const JUMP_KEYS: Readonly<Record<JumpKind, string>> = { metar: 'M', window: 'W', shock: 'S', gap: 'G', trade: 'T', decision: 'D' }

interface TriggerLook {
  readonly label: string
  readonly colour: string
  /** Windows of weather, of the market, and of the user lie in rows of their own. */
  readonly row: 0 | 1 | 2
}

/** How windows look, by what opened them. Colours differ in lightness too. */
export const TRIGGERS: Readonly<Record<WindowTrigger, TriggerLook>> = {
  METAR: { label: 'report', colour: '#3fa9c9', row: 0 },
  QC_OUTLIER: { label: 'outlier', colour: '#f4645f', row: 0 },
  QC_CHANGE: { label: 'quality', colour: '#c9a6e8', row: 0 },
  HRRR_UPDATE: { label: 'forecast', colour: '#7d83f0', row: 0 },
  MID_SHOCK: { label: 'price shock', colour: '#ffd84d', row: 1 },
  SPREAD_REGIME: { label: 'spread', colour: '#7fbf6a', row: 1 },
  DEPTH_CLIFF: { label: 'depth', colour: '#e58a3c', row: 1 },
  MANUAL: { label: 'marked', colour: '#f2f5f9', row: 2 }
}

/** In rising order: what lies over what where a pixel has several windows, and what is told first. */
export const TRIGGERS_BY_IMPORTANCE: readonly WindowTrigger[] = [
  'METAR',
  'HRRR_UPDATE',
  'QC_CHANGE',
  'QC_OUTLIER',
  'SPREAD_REGIME',
  'DEPTH_CLIFF',
  'MID_SHOCK',
  'MANUAL'
]

export function importance(trigger: WindowTrigger): number {
  return TRIGGERS_BY_IMPORTANCE.indexOf(trigger)
}

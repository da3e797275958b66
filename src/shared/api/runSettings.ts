/** A number that a run of strategies takes. Flags, run panel and the engine's defaults come from here. */
export interface RunSetting {
  readonly key: string
  /** Flag of `tapedeck run`. */
  readonly flag: string
  /** Name in the run panel. */
  readonly label: string
  readonly kind: 'whole' | 'decimal'
  /** Both ends are allowed. */
  readonly min: number
  readonly max: number
  /** Undefined: none, nothing is bounded. */
  readonly default: number | undefined
  /** What it does, with its unit. */
  readonly help: string
  /** Holds for a recording only; a live run ends after its duration. */
  readonly replayOnly?: true
}

/** Longest live run that is started from the app, seconds. */
export const MAX_LIVE_RUN_SECONDS = 7 * 86_400

const MOST = Number.MAX_SAFE_INTEGER

export const RUN_SETTINGS = [
  {
    key: 'maxSeconds',
    flag: '--max-seconds',
    label: 'End after seconds',
    kind: 'decimal',
    min: 0,
    max: 1e9,
    default: undefined,
    help: 'end at the first frame received later than this after the first, seconds',
    replayOnly: true
  },
  {
    key: 'maxEvents',
    flag: '--max-events',
    label: 'End after events',
    kind: 'whole',
    min: 1,
    max: MOST,
    default: undefined,
    help: 'end after so many events'
  },
  {
    key: 'feeBps',
    flag: '--fee-bps',
    label: 'Fee',
    kind: 'whole',
    min: 0,
    max: 10_000,
    default: 100,
    help: 'fee of a fill, hundredths of a percent of its price × size'
  },
  {
    key: 'takerSlippageBps',
    flag: '--taker-slippage-bps',
    label: 'Taker slippage',
    kind: 'whole',
    min: 0,
    max: 10_000,
    default: 10,
    help: 'how far from the best price takers are filled, hundredths of a percent'
  },
  {
    key: 'maxFillSizeE6',
    flag: '--max-fill-size-e6',
    label: 'Largest fill',
    kind: 'whole',
    min: 1,
    max: MOST,
    default: undefined,
    help: 'largest size of one fill, × 1e6'
  },
  {
    key: 'maxIntentsPerStrategy',
    flag: '--max-intents-per-strategy',
    label: 'Intents of one strategy',
    kind: 'whole',
    min: 0,
    max: 1_000_000,
    default: undefined,
    help: 'most intents of one strategy for one event'
  },
  {
    key: 'maxIntentsGlobal',
    flag: '--max-intents-global',
    label: 'Intents of all strategies',
    kind: 'whole',
    min: 0,
    max: 1_000_000,
    default: undefined,
    help: 'most intents of all strategies together for one event'
  },
  {
    key: 'maxCallbackUs',
    flag: '--max-callback-us',
    label: 'Slow callback',
    kind: 'whole',
    min: 1,
    max: 1_000_000_000,
    default: undefined,
    help: 'a slower callback counts as an overrun, µs'
  },
  {
    key: 'callbackLimitMs',
    flag: '--callback-limit-ms',
    label: 'Callback limit',
    kind: 'whole',
    min: 10,
    max: 600_000,
    default: 1000,
    help: 'a slower callback of a strategy file ends the run, ms'
  },
  {
    key: 'memoryLimitMb',
    flag: '--memory-limit-mb',
    label: 'Memory limit',
    kind: 'whole',
    min: 16,
    max: 65_536,
    default: 256,
    help: 'memory of a strategy file, MB'
  }
] as const satisfies readonly RunSetting[]

export type RunSettingKey = (typeof RUN_SETTINGS)[number]['key']

/** Left out = the default. */
export type RunSettings = Readonly<Partial<Record<RunSettingKey, number>>>

type WithDefault = Extract<(typeof RUN_SETTINGS)[number], { default: number }>

/** The default of a setting that has one. */
export function runDefault<K extends WithDefault['key']>(key: K): number {
  return (RUN_SETTINGS as readonly RunSetting[]).find((setting) => setting.key === key)?.default ?? NaN
}

/** @returns the value of a setting as typed, or what is wrong with it in words that follow its name */
export function runSettingOf({ kind, min, max }: RunSetting, text: string): { readonly value: number } | { readonly problem: string } {
  const value = text.trim() === '' ? NaN : Number(text)
  const fits = value >= min && value <= max && (kind === 'decimal' || /^\d+$/.test(text.trim()))
  return fits ? { value } : { problem: `is a ${kind === 'whole' ? 'whole ' : ''}number from ${min} to ${max}, but it is "${text}"` }
}

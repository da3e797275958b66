import type { EncodedIntents, ParameterValue, PlainCallbackStats, StrategyFault, StrategyRules } from '../runtime/index.ts'

/** What a strategy's thread is born with (`workerData`). */
export interface StrategyBirth {
  /** Absolute path of a TypeScript or JavaScript file. */
  readonly file: string
  readonly params: Readonly<Record<string, ParameterValue>>
  readonly rules: StrategyRules
  /** Int32Array: [0] number of the running callback (LOADING while the file loads, 0 between batches), [1] sequence number of its event. */
  readonly pulse: Int32Array
  /** Bytes of buffers outside the heap that the strategy may hold. */
  readonly maxBufferBytes: number
}

export type StrategyCommand =
  /** Markets named for the first time come first; `rows` is transferred and comes back with the answer. */
  | {
      readonly kind: 'batch'
      readonly rows: Float64Array<ArrayBuffer>
      readonly count: number
      readonly firstSeq: number
      readonly newMarkets: readonly string[]
      readonly room: Int32Array | undefined
    }
  | { readonly kind: 'close' }

export type StrategyEvent =
  | { readonly kind: 'ready'; readonly id: string; readonly params: Readonly<Record<string, ParameterValue>> }
  /** The file cannot be used: one sentence. The thread ends. */
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'answer'
      readonly rows: Float64Array<ArrayBuffer>
      readonly intents: EncodedIntents
      readonly fault: StrategyFault | undefined
      readonly stats: PlainCallbackStats
    }

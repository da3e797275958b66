import { StudioError } from '../../../shared/errors.ts'
import type { IdxView, OpenBundle } from '../bundle/index.ts'

/** What part of a run a slice takes. Bounds are inclusive; a bound that is left out is the run's own. */
export type SliceWindow =
  | {
      readonly kind: 'mono'
      /** `rx_mono_ns`, as in the frame log */
      readonly startMonoNs?: bigint | undefined
      readonly endMonoNs?: bigint | undefined
    }
  | {
      readonly kind: 'offset'
      /** Byte offsets in the `.frames` file of every shard; a record is in when its first byte is. */
      readonly startOffset?: number | undefined
      readonly endOffset?: number | undefined
    }

/** @returns whether the index entry that was read last lies in the window */
export type EntryTest = (idx: IdxView) => boolean

/** @throws StudioError USAGE for a window without any bound, or whose end is before its start */
export function checkWindow(window: SliceWindow): void {
  const [start, end] = window.kind === 'mono' ? [window.startMonoNs, window.endMonoNs] : [window.startOffset, window.endOffset]
  if (start === undefined && end === undefined)
    throw new StudioError('USAGE', 'Say what to take: a window of time (start or end in monotonic nanoseconds), or one of offsets.')
  if (start !== undefined && end !== undefined && start > end)
    throw new StudioError('USAGE', `The window ends at ${end}, which is before its start at ${start}.`)
}

export function entryTest(window: SliceWindow, { t0MonoNs }: OpenBundle): EntryTest {
  if (window.kind === 'offset') {
    const { startOffset: from = -Infinity, endOffset: to = Infinity } = window
    return (idx) => idx.offset >= from && idx.offset <= to
  }
  const relative = (monoNs: bigint | undefined, absent: number): number => (monoNs === undefined ? absent : Number(monoNs - t0MonoNs))
  const from = relative(window.startMonoNs, -Infinity)
  const to = relative(window.endMonoNs, Infinity)
  return (idx) => idx.monoRelNs >= from && idx.monoRelNs <= to
}

import { getI64, AT_RECV } from '../../../../shared/channels/index.ts'
import type { RecordBatch } from '../../lake/index.ts'
import type { DayRun } from './dayRecords.ts'

/** Records of one run that follow each other on the day. Valid until the next ones are asked for. */
export interface RunStretch {
  readonly run: DayRun
  readonly bytes: Uint8Array
}

interface Head {
  readonly run: DayRun
  readonly source: AsyncGenerator<RecordBatch>
  batch: RecordBatch
  row: number
}

/**
 * The events of several runs in the order of the day; those of one instant by run. A run is opened when its time has come, so that runs that
 * follow each other are never open together.
 */
export async function* mergedRuns(runs: readonly DayRun[], open: (run: DayRun) => AsyncGenerator<RecordBatch>): AsyncGenerator<RunStretch> {
  const waiting = runs.toSorted((a, b) => firstOf(a) - firstOf(b) || a.n - b.n)
  let heads: Head[] = []
  try {
    for (;;) {
      const due = heads.reduce((least, head) => Math.min(least, relOf(head)), Infinity)
      while (waiting[0] !== undefined && (heads.length === 0 || firstOf(waiting[0]) <= due)) {
        const run = waiting.shift()!
        const head = await refilled({ run, source: open(run), batch: undefined, row: 0 })
        if (head !== undefined) heads.push(head)
      }
      if (heads.length === 0) return
      const first = heads.reduce((best, head) => ((relOf(head) - relOf(best) || head.run.n - best.run.n) < 0 ? head : best))
      const others = heads.filter((head) => head !== first).map(relOf)
      const until = Math.min(...others, waiting[0] === undefined ? Infinity : firstOf(waiting[0]))
      yield take(first, until)
      if (first.row < first.batch.count) continue
      const more = await refilled(first)
      heads = more === undefined ? heads.filter((head) => head !== first) : heads
    }
  } finally {
    for (const { source } of heads) await source.return(undefined)
  }
}

/** At least one record, and those that come before the time at which another run has something. */
function take(head: Head, untilRelNs: number): RunStretch {
  const { batch, run } = head
  const from = batch.starts[head.row]!
  do head.row++
  while (head.row < batch.count && relOf(head) < untilRelNs)
  return { run, bytes: batch.bytes.subarray(from, head.row < batch.count ? batch.starts[head.row] : batch.used) }
}

async function refilled(head: Omit<Head, 'batch'> & { batch: RecordBatch | undefined }): Promise<Head | undefined> {
  for (;;) {
    const { value, done } = await head.source.next()
    if (done === true) return undefined
    head.batch = value
    head.row = 0
    if (value.count > 0) return head as Head
  }
}

function relOf({ batch, row, run }: Head): number {
  return getI64(batch.view, batch.starts[row]! + AT_RECV) + run.shiftNs
}

function firstOf({ stored, firstTsNs, shiftNs, span }: DayRun): number {
  return Math.max(Number(firstTsNs - stored.originTsNs), span.fromRelNs) + shiftNs
}

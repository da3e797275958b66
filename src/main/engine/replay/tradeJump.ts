import type { Marks } from './marks.ts'
import { TapeRun, type RunFacts } from './runTape.ts'
import { seekTo, type SeekIndex } from './seekIndex.ts'

/**
 * Receive time of the first frame strictly beyond `fromRelNs` that brought a trade of the instrument; undefined when there is none.
 * The marks know how many trades came before them, so only one stretch between two marks is read.
 * @param direction 1 forwards, -1 backwards
 */
export function findTrade(index: SeekIndex, run: RunFacts, instrumentId: number, fromRelNs: number, direction: 1 | -1): number | undefined {
  const scan = new TapeRun(run, { withoutFingerprint: true })
  try {
    const trades = (): number => scan.tape.books.instruments.get(instrumentId)?.trades ?? 0
    seekTo(index, scan, direction === 1 ? fromRelNs : fromRelNs - 1)
    const before = trades()
    if (direction === -1 && before === 0) return undefined
    const wanted = direction === 1 ? before + 1 : before
    const markRelNs = lastMarkBelow(index.marks, instrumentId, wanted)
    // Forwards the search goes on from where it stands when no later mark helps.
    if (direction === -1 || markRelNs > scan.tape.recvRelNs) index.startBefore(scan, markRelNs)
    while (trades() < wanted) if (scan.advance(Infinity, 1) === 0) return undefined
    return scan.tape.recvRelNs
  } finally {
    scan.close()
  }
}

/** Time of the last mark with fewer trades of the instrument. Trades only become more. */
function lastMarkBelow(marks: Marks, instrumentId: number, wanted: number): number {
  let low = 0
  let high = marks.length - 1
  while (low < high) {
    const mid = (low + high + 1) >>> 1
    if (marks.tradesAt(mid, instrumentId) < wanted) low = mid
    else high = mid - 1
  }
  return marks.timeOf(low)
}

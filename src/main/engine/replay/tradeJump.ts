import { TapeRun, type RunFacts } from './runTape.ts'
import { seekTo, type Mark, type SeekIndex } from './seekIndex.ts'

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
    const mark = index.marks.findLast((m) => tradesAt(m, instrumentId) < wanted && (direction === 1 || m.keyframe.recvRelNs < fromRelNs))
    if (mark === undefined) return undefined
    // Forwards the search goes on from where it stands when no later mark helps.
    if (direction === -1 || mark.keyframe.recvRelNs > scan.tape.recvRelNs) index.startBefore(scan, mark.keyframe.recvRelNs)
    while (trades() < wanted) if (scan.advance(Infinity, 1) === 0) return undefined
    return scan.tape.recvRelNs
  } finally {
    scan.close()
  }
}

/** Trades of an instrument before a mark. */
export function tradesAt({ keyframe }: Mark, instrumentId: number): number {
  return keyframe.books[instrumentId - 1]?.fields.trades ?? 0
}

import type { RunMarks, SessionState } from '../../shared/api/index.ts'
import type { ColumnView, TradeView } from '../stage/index.ts'
import { exactText } from '../stage/index.ts'
import type { StudioClient } from './studioClient.ts'

/** Read-only look into the screen's data, for end-to-end tests. Changes nothing. */
export interface TestWindow {
  session(): SessionState | undefined
  /** The newest book: a state line, then `bid|ask <price> <size>` best first, exact decimals. */
  ladderText(): string
  columns(): { readonly count: number; readonly oldest: number; readonly newest: number }
  columnAt(second: number): ColumnView | undefined
  /** The newest trades, at most `limit` (200), oldest first. */
  trades(limit?: number): readonly TradeView[]
  integrity(): readonly { readonly kind: string; readonly reason: string; readonly relNs: number; readonly text: string }[]
  marks(): RunMarks
  timeline(): { readonly base: number; readonly length: number }
  playheadRelNs(): number
}

declare global {
  interface Window {
    __tapedeck?: TestWindow
  }
}

export function exposeForTests(client: StudioClient): void {
  const { data } = client
  window.__tapedeck = Object.freeze<TestWindow>({
    session: () => client.now,
    ladderText: () => ladderText(client),
    columns: () => ({ count: data.columns.count, oldest: data.columns.oldest, newest: data.columns.newest }),
    columnAt: (second) => data.columns.columnAt(second),
    trades: (limit = 200) => {
      const { count } = data.trades
      const from = Math.max(0, count - limit)
      return Array.from({ length: count - from }, (_, i) => data.trades.tradeAt(from + i)).filter((trade) => trade !== undefined)
    },
    integrity: () =>
      data.integrity.entries.map(({ record }) => ({
        kind: record.kind,
        reason: record.reason,
        relNs: record.recvRelNs,
        text: record.text
      })),
    marks: () => data.marks.all,
    timeline: () => ({ base: data.timeline.base, length: data.timeline.length }),
    playheadRelNs: () => data.playhead.relNs
  })
}

function ladderText(client: StudioClient): string {
  const book = client.data.ladder.newest()
  if (book === undefined) return ''
  const lines = [`seq ${book.seq ?? 'none'} epoch ${book.resyncEpochId} ${book.bookOk ? 'trusted' : 'untrusted'}`]
  for (const [side, values] of [
    ['bid', book.levels.bids],
    ['ask', book.levels.asks]
  ] as const) {
    for (let i = 0; i < values.length; i += 2) lines.push(`${side} ${exactText(values[i] ?? 0)} ${exactText(values[i + 1] ?? 0)}`)
  }
  return lines.join('\n')
}

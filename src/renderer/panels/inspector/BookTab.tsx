import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { LoopText } from '../../ui/LoopText.tsx'
import { LadderDom } from './ladderDom.ts'
import { TradeListDom } from './tradeListDom.ts'

/** The book at the playhead and the trades up to it. Both are written by the one loop, at most ten times a second. */
export function BookTab() {
  const { client } = useStudio()
  const attachLadder = useCallback(
    (element: HTMLDivElement | null) => {
      if (element === null) return
      const dom = new LadderDom(element)
      const update = (): void => dom.update(client.data.ladder.newest())
      const remove = client.loop.add(['ladder', 'session'], 100, update)
      const observer = new ResizeObserver(() => {
        dom.resize()
        update()
      })
      observer.observe(element)
      return () => {
        remove()
        observer.disconnect()
      }
    },
    [client]
  )
  const attachTrades = useCallback(
    (element: HTMLDivElement | null) => {
      if (element === null) return
      const dom = new TradeListDom(element)
      return client.loop.add(['trades', 'columns', 'session'], 100, () => dom.update(client.data))
    },
    [client]
  )
  const state = useCallback(() => {
    const book = client.data.ladder.newest()
    if (book === undefined) return 'no book'
    return `${book.bidLevels} bids · ${book.askLevels} asks${book.seq === undefined ? '' : ` · seq ${book.seq}`}`
  }, [client])
  return (
    <>
      <div className="sub-head">
        <h3>Book</h3>
        <LoopText topics={['ladder']} text={state} testId="ladder-state" className="muted" />
      </div>
      <div className="ladder" ref={attachLadder} data-testid="ladder" role="group" aria-label="Order book at the playhead" />
      <div className="sub-head">
        <h3>Trades</h3>
        <span className="muted">newest first</span>
      </div>
      <div className="trade-list" ref={attachTrades} data-testid="trade-list" role="group" aria-label="Recent trades" />
    </>
  )
}

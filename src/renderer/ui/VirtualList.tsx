import { type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { virtualRange } from './virtualRange.ts'

interface VirtualListProps<T> {
  readonly items: readonly T[]
  readonly rowHeight: number
  readonly label: string
  readonly testId: string
  readonly keyOf: (item: T) => string | number
  readonly row: (item: T, index: number) => ReactNode
  /** Scrolls to the end whenever the list grows, unless the user has scrolled away from it. */
  readonly stickToEnd?: boolean
}

/** A list of any length: only the rows in view are in the document. */
export function VirtualList<T>({ items, rowHeight, label, testId, keyOf, row, stickToEnd = false }: VirtualListProps<T>) {
  const box = useRef<HTMLDivElement>(null)
  const [scrollTop, setScrollTop] = useState(0)
  const [height, setHeight] = useState(400)
  const atEnd = useRef(true)

  const attach = useCallback((element: HTMLDivElement | null) => {
    box.current = element
    if (element === null) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    if (stickToEnd && atEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [items.length, stickToEnd])

  const onScroll = (): void => {
    const element = box.current
    if (element === null) return
    atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight
    setScrollTop(element.scrollTop)
  }

  const { from, to } = virtualRange(scrollTop, height, rowHeight, items.length)
  return (
    <div className="virtual-list" ref={attach} onScroll={onScroll} role="list" aria-label={label} data-testid={testId}>
      <div style={{ height: items.length * rowHeight, position: 'relative' }}>
        {items.slice(from, to).map((item, i) => (
          <div key={keyOf(item)} role="listitem" className="virtual-row" style={{ top: (from + i) * rowHeight, height: rowHeight }}>
            {row(item, from + i)}
          </div>
        ))}
      </div>
    </div>
  )
}

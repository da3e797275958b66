import { useCallback } from 'react'
import { useStudio } from '../client/studioContext.ts'
import type { Topic } from '../stage/index.ts'

interface LoopTextProps {
  readonly topics: readonly Topic[]
  readonly text: () => string
  readonly testId?: string
  readonly className?: string
  readonly title?: string
  /** At most one write in this time. 100 = ten a second. */
  readonly everyMs?: number
}

/** Text that changes with the playhead: written straight into the document by the one loop, past React. */
export function LoopText({ topics, text, testId, className, title, everyMs = 100 }: LoopTextProps) {
  const { client } = useStudio()
  const key = topics.join(' ')
  const attach = useCallback(
    (element: HTMLSpanElement | null) => {
      if (element === null) return
      let shown = ''
      return client.loop.add(key.split(' ') as Topic[], everyMs, () => {
        const next = text()
        if (next !== shown) element.textContent = shown = next
      })
    },
    [client, key, everyMs, text]
  )
  return <span ref={attach} className={className} title={title} data-testid={testId} />
}

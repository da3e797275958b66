import { useEffect, useState } from 'react'
import { useStudio } from '../client/studioContext.ts'
import type { Topic } from '../stage/index.ts'

/** Renders again when a rarely touched topic changed, at most four times a second. */
export function useRevision(topic: Topic, revision: () => number): number {
  const { client } = useStudio()
  const [seen, setSeen] = useState(revision)
  useEffect(() => client.loop.add([topic], 250, () => setSeen(revision())), [client, topic, revision])
  return seen
}

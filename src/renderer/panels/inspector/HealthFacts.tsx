import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { LoopText } from '../../ui/LoopText.tsx'

/** The newest heartbeat of the plant: every number in it, as it was recorded. */
export function HealthFacts() {
  const { client } = useStudio()
  const text = useCallback(() => healthText(client.data.health), [client])
  return (
    <section>
      <h3>Health</h3>
      <LoopText topics={['health', 'session']} text={text} testId="health" className="health" everyMs={500} />
    </section>
  )
}

/** One line per fact of a heartbeat; nested objects are flattened, lists and long texts left out. */
export function healthText(json: string): string {
  if (json === '') return 'No heartbeat yet.'
  try {
    const lines: string[] = []
    collect(JSON.parse(json), '', lines)
    return lines.slice(0, 40).join('\n')
  } catch {
    return 'The heartbeat could not be read.'
  }
}

function collect(value: unknown, name: string, lines: string[]): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) collect(inner, name === '' ? key : `${name}.${key}`, lines)
  } else if (['number', 'boolean', 'string'].includes(typeof value)) {
    const text = String(value)
    if (text.length <= 48) lines.push(`${name}  ${text}`)
  }
}

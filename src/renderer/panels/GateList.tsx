import type { GateResult } from '../../shared/api/index.ts'

interface GateListProps {
  readonly gates: readonly GateResult[]
  readonly testId: string
  /** Named for a screen reader. */
  readonly label: string
}

const WORDS = { pass: '✓ pass', fail: '✕ fail', unknown: '? unknown' } as const

/** Gates with their verdict in a sign and a word, what was found and what is allowed. */
export function GateList({ gates, testId, label }: GateListProps) {
  return (
    <ul className="gates" data-testid={testId} aria-label={label}>
      {gates.map((gate) => (
        <li key={gate.name} className={verdictOf(gate)} data-testid="gate" data-verdict={verdictOf(gate)} data-gate={gate.name}>
          <span className="gate-verdict">{WORDS[verdictOf(gate)]}</span>
          <span className="gate-name">{gate.name}</span>
          <span className="gate-found">{gate.found}</span>
          <span className="gate-limit">{gate.limit}</span>
        </li>
      ))}
    </ul>
  )
}

/** A gate of which the run says nothing is unknown, not passed. */
export function verdictOf(gate: GateResult): 'pass' | 'fail' | 'unknown' {
  if (gate.ok === undefined || gate.ok === null) return 'unknown'
  return gate.ok ? 'pass' : 'fail'
}

/** How many gates passed, failed and are unknown, in words. */
export function gateSummary(gates: readonly GateResult[]): string {
  const count = (verdict: string): number => gates.filter((gate) => verdictOf(gate) === verdict).length
  const parts = [`${count('pass')} passed`]
  if (count('fail') > 0) parts.unshift(`${count('fail')} failed`)
  if (count('unknown') > 0) parts.push(`${count('unknown')} unknown`)
  return parts.join(', ')
}

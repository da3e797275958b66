import { ageText } from '../../ui/humanText.ts'

export interface WorldState {
  /** open: every source answers; silent: some fail; closed: none answers. */
  readonly state: 'open' | 'silent' | 'closed'
  /** One sentence a source. */
  readonly lines: readonly string[]
}

const KINDS: Readonly<Record<string, string>> = { metar: 'Reports', pws: 'Private stations', forecast: 'Forecast' }

/** How the weather services answer, from a heartbeat; undefined when none is asked. */
export function worldState(heartbeat: string): WorldState | undefined {
  const lines: string[] = []
  let failing = 0
  for (const [kind, stations] of entriesOf(worldOf(heartbeat))) {
    for (const [station, facts] of entriesOf(stations)) {
      const found = new Map(entriesOf(facts))
      const age = found.get('age_s')
      const fails = Number(found.get('failing') ?? 0) > 0
      if (fails) failing++
      const when = typeof age === 'number' ? `answered ${ageText(age)} ago` : 'has not answered yet'
      lines.push(`${KINDS[kind] ?? kind} ${station}: ${when}${fails ? '; questions fail now' : ''}`)
    }
  }
  if (lines.length === 0) return undefined
  return { state: failing === 0 ? 'open' : failing === lines.length ? 'closed' : 'silent', lines }
}

function worldOf(heartbeat: string): unknown {
  try {
    return new Map(entriesOf(JSON.parse(heartbeat))).get('world')
  } catch {
    return undefined
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

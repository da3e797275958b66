import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isKept, type Goal, type GoalReport } from './goal.ts'
import { machineLine } from './machine.ts'
import { printReport } from './printReport.ts'

/** Loaded when asked for: of several goals each has a process of its own, which holds nothing of the others. */
const GOALS: Readonly<Record<string, () => Promise<Goal>>> = {
  G1: async () => (await import('./g1Append.ts')).g1Append,
  G2: async () => (await import('./g2Mcap.ts')).g2Mcap,
  G3: async () => (await import('./g3Read.ts')).g3Read,
  G4: async () => (await import('./g4Capture.ts')).g4Capture,
  G4S: async () => (await import('./g4Scale.ts')).g4Scale,
  G5: async () => (await import('./g5Normaliser.ts')).g5Normaliser,
  G6: async () => (await import('./g6Depth.ts')).g6Depth,
  G7: async () => (await import('./g7Replay.ts')).g7Replay,
  SEEK: async () => (await import('./seekDay.ts')).seekDay,
  G8: async () => (await import('./g8Merge.ts')).g8Merge,
  G10: async () => (await import('./g10Compaction.ts')).g10Compaction,
  G12: async () => (await import('./g12Range.ts')).g12Range,
  G13: async () => (await import('./g13Heatmap.ts')).g13Heatmap,
  G14: async () => (await import('./g14Journal.ts')).g14Journal
}

const USAGE = `usage: npm run bench -- [goal ...] [--quick] [--json]
goals: ${Object.keys(GOALS).join(' ')} (all when none is named)
--quick  small inputs: shows that the benches run, numbers mean little
--json   one JSON object on standard output
Exit code 1 when a count or an output is wrong, never for being slow: a goal that is not reached prints MISSED.`

/** Runs the named goals one after another. @returns the exit code */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  const wanted = positionals.length === 0 ? Object.keys(GOALS) : positionals.map((name) => name.toUpperCase())
  const unknown = wanted.filter((name) => GOALS[name] === undefined)
  if (values.help || unknown.length > 0) {
    console.error(unknown.length > 0 ? `There is no goal ${unknown.join(', ')}.\n${USAGE}` : USAGE)
    return values.help ? 0 : 2
  }
  if (!values.json) console.log(`${machineLine()}\n`)
  const reports: GoalReport[] = []
  let wrong = 0
  for (const name of wanted) {
    const report = wanted.length === 1 ? await measured(name, values.quick) : await measuredAlone(name, values.quick)
    if (report === undefined) wrong++
    else reports.push(report)
    if (report !== undefined && !values.json) console.log(`${printReport(report)}\n`)
  }
  if (values.json) console.log(JSON.stringify(reports))
  else console.log(summary(reports, wrong))
  return wrong === 0 ? 0 : 1
}

/** @returns undefined when a count or an output is wrong */
async function measured(name: string, quick: boolean): Promise<GoalReport | undefined> {
  try {
    const goal = await GOALS[name]!()
    return await goal({ quick, say: (line) => console.error(`${name}  ${line}`) })
  } catch (error) {
    console.error(`${name}  WRONG: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** The same in a process of its own. */
async function measuredAlone(name: string, quick: boolean): Promise<GoalReport | undefined> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), name, '--json', ...(quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await text(child.stdout)
  const lines = said.trim().split('\n')
  return (JSON.parse(lines.at(-1) || '[]') as GoalReport[])[0]
}

function summary(reports: readonly GoalReport[], wrong: number): string {
  const missed = reports.filter(({ findings }) => findings.some((finding) => !isKept(finding, finding.now))).map(({ id }) => id)
  return [`wrong ${wrong}`, `missed now ${missed.length === 0 ? 'none' : missed.join(' ')}`].join('; ')
}

try {
  process.exitCode = await main()
} catch (error) {
  // Wrong usage.
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}

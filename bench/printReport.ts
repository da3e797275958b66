import { isKept, type Bound, type Finding, type GoalReport } from './goal.ts'

/** The report of a goal as lines for people. */
export function printReport(report: GoalReport): string {
  const rates = Object.entries(report.ratesM).map(([name, rate]) => `${name} ${rate} M/s`)
  return [
    `${report.id}  ${report.what}`,
    ...report.findings.map((finding) => `    ${findingLine(finding)}`),
    `    count ${report.count.toLocaleString('en')} ${report.counted}`,
    ...(rates.length === 0 ? [] : [`    rates (information) ${rates.join(' · ')}`]),
    ...report.notes.map((note) => `    note: ${note}`)
  ].join('\n')
}

function findingLine(finding: Finding): string {
  const { figure, unit } = finding
  const value = `${text(figure.median)} ${unit}`.padStart(11)
  const range = `(${text(figure.min)}-${text(figure.max)})`.padEnd(17)
  const goals = [boundText(finding, finding.now, 'goal now'), boundText(finding, finding.later, 'later')]
  return `${finding.what.padEnd(46)} ${value} ${range} ${goals.filter((part) => part !== '').join('; ')}`.trimEnd()
}

function boundText(finding: Finding, bound: Bound | undefined, when: string): string {
  if (bound === undefined) return ''
  const limit = bound.atLeast === undefined ? `<= ${bound.atMost}` : `>= ${bound.atLeast}`
  return `${when} ${limit}: ${isKept(finding, bound) ? 'met' : 'MISSED'}`
}

function text(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

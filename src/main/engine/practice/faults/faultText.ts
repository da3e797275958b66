import { StudioError } from '../../../../shared/errors.ts'
import { plainIssues } from '../plainIssues.ts'
import { atMsSchema, faultSchema, type CheckedFault, type PlannedFault } from './fault.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }
const FORM = /^(\w+)@(\d+(?:\.\d+)?)(ms|s|m)(?::(.+))?$/

/**
 * Reads a fault of the command line: `kind@time`, or `kind@time:name=value,name=value`. Examples: `drop@5s`,
 * `silence@10s:ms=3000,connection=2`, `gap@1.5m:count=5,token=BTCUSDT`.
 * @throws StudioError USAGE naming what is wrong with it
 */
export function parseFaultText(text: string): PlannedFault {
  const match = FORM.exec(text)
  if (!match) throw new StudioError('USAGE', `A fault reads like drop@5s or silence@10s:ms=3000,connection=2, but found "${text}".`)
  const fields: Record<string, unknown> = { kind: match[1] }
  for (const pair of match[4]?.split(',') ?? []) {
    const [name, value] = splitPair(pair)
    if (name === '' || value === undefined)
      throw new StudioError('USAGE', `A detail of a fault reads name=value, but found "${pair}" in "${text}".`)
    fields[name] = name !== 'token' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  }
  return { ...checkFault(fields, `"${text}"`, 'USAGE'), atMs: Number(match[2]) * UNIT_MS[match[3]!]! }
}

/** Reads a fault plan: a JSON array of faults, each with `atMs`. @throws StudioError CONFIG_INVALID naming the entry */
export function checkFaultPlan(plan: unknown, from: string): PlannedFault[] {
  if (!Array.isArray(plan))
    throw new StudioError('CONFIG_INVALID', `A fault plan is a JSON array of faults, but ${from} holds ${typeof plan}.`)
  return plan.map((entry: unknown, index) => {
    const { atMs, ...fault } = (entry ?? {}) as Record<string, unknown>
    const at = atMsSchema.safeParse(atMs)
    const where = `fault ${index + 1} of ${from}`
    if (!at.success) throw new StudioError('CONFIG_INVALID', `"atMs" should be milliseconds from the start, 0 to a week, in ${where}.`)
    return { ...checkFault(fault, where, 'CONFIG_INVALID'), atMs: at.data }
  })
}

/** @throws StudioError with the given code, naming the fields that are wrong and what they should be */
export function checkFault(fault: unknown, where: string, code: 'USAGE' | 'CONFIG_INVALID'): CheckedFault {
  const result = faultSchema.safeParse(fault)
  if (result.success) return result.data
  throw new StudioError(code, `This is not a fault that the practice venue knows: ${plainIssues(result.error, fault)} In ${where}.`)
}

function splitPair(pair: string): [string, string | undefined] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, undefined] : [pair.slice(0, at), pair.slice(at + 1)]
}

import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** What a schema found wrong with a value, in plain sentences: which field, what it should be, what it is. */
export function plainIssues({ issues }: z.ZodError, value: unknown): string {
  return issues.map((issue) => sentenceOf(issue, value)).join(' ')
}

function sentenceOf(issue: Issue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.map((key) => `"${key}"`).join(', ')} is not known.`
  const found = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value)
  const what = found === undefined ? 'missing' : JSON.stringify(found)
  return `"${issue.path.join('.')}" should be ${expectedBy(issue)}, but it is ${what}.`
}

const KINDS: Readonly<Record<string, string>> = { int: 'a whole number', number: 'a number', string: 'a text', boolean: 'true or false' }

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? `of the kind ${issue.expected}`
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'invalid_format':
      return `of the form ${issue.pattern ?? issue.format}`
    case 'invalid_union':
      // One that is told apart by a field names the values of that field; any other has the faults of each of its kinds.
      if (issue.errors.length === 0 && 'options' in issue && Array.isArray(issue.options)) return `one of ${issue.options.join(', ')}`
      return issue.errors.flatMap(([first]) => (first === undefined ? [] : [expectedBy(first)])).join(' or ')
    default:
      return `allowed (${issue.message})`
  }
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters long' : origin === 'array' ? ' entries long' : ''
}

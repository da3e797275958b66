import { basename } from 'node:path'

const MAX_TEXT = 500

/**
 * An error of a strategy in words, with file and line where its stack names them: `TypeError: x is undefined (mine.ts:12:7)`.
 * @param file the strategy's file; undefined for one that comes with the program
 */
export function faultText(error: unknown, file: string | undefined): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${describe(error)}`
  const place = file === undefined || !(error instanceof Error) ? undefined : placeIn(error.stack ?? '', file)
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  return place === undefined ? short.trim() : `${short.trim()} (${place})`
}

/** @returns `name:line:column` of the first mention of the file */
function placeIn(stack: string, file: string): string | undefined {
  const name = basename(file)
  const from = stack.indexOf(`${name}:`)
  const match = from < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(stack.slice(from + name.length))
  return match === null ? undefined : `${name}:${match[1]}${match[2] === undefined ? '' : `:${match[2]}`}`
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value)?.slice(0, 100) ?? String(value)
  } catch {
    return 'a value that cannot be shown'
  }
}

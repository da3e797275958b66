import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { publishFile } from '../../bundle/index.ts'

const SETTINGS_VERSION = 1
const form = z.object({ settings_version: z.literal(SETTINGS_VERSION), capture: z.record(z.string(), z.json()) })

/** What was chosen, by the settings' names on disk. */
export type ChosenSettings = Readonly<Record<string, unknown>>

export interface SettingsRead {
  readonly chosen: ChosenSettings
  /** What was wrong with the file, for people; undefined when nothing was. */
  readonly fault: string | undefined
}

/** Reads the settings file. One that cannot be understood is moved aside (`<file>.old`), and nothing counts as chosen. Never throws. */
export function readSettingsFile(file: string): SettingsRead {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { chosen: {}, fault: undefined }
    return { chosen: {}, fault: `The settings could not be read, so the defaults hold (${(error as Error).message}).` }
  }
  const read = parsed(text)
  if (read !== undefined) return { chosen: read.capture, fault: undefined }
  const kept = movedAside(file) ? ` It was kept as ${file}.old` : ''
  return { chosen: {}, fault: `The settings file is damaged or from another version, so the defaults hold.${kept}` }
}

/** Writes the settings file whole or not at all. */
export function writeSettingsFile(file: string, chosen: ChosenSettings): void {
  mkdirSync(dirname(file), { recursive: true })
  publishFile(file, `${JSON.stringify({ settings_version: SETTINGS_VERSION, capture: chosen }, null, 2)}\n`)
}

function parsed(text: string): z.infer<typeof form> | undefined {
  try {
    return form.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function movedAside(file: string): boolean {
  try {
    renameSync(file, `${file}.old`)
    return true
  } catch {
    return false
  }
}

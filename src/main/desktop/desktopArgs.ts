import { isAbsolute, resolve } from 'node:path'

/** What the desktop app was asked for when it was started. Paths are absolute. */
export interface DesktopArgs {
  readonly open?: string
  readonly demo: boolean
  readonly dataDir?: string
}

/**
 * Reads the switches of the desktop app: `--open <path>`, `--demo`, `--data-dir <folder>`, and a bundle as a bare argument, which is how
 * the system opens a file with the app. Switches of Chromium and Electron are passed over.
 * @param argv the whole command line, program first
 * @param appPathFirst true when the first bare argument is the app itself (`electron <app> …`)
 */
export function desktopArgs(argv: readonly string[], cwd: string, appPathFirst: boolean): DesktopArgs {
  const given: { open?: string; demo: boolean; dataDir?: string } = { demo: false }
  let appSeen = !appPathFirst
  for (let i = 1; i < argv.length; i++) {
    const [name, inline] = split(argv[i] ?? '')
    const value = (): string | undefined => inline ?? argv[++i]
    if (name === '--demo') given.demo = true
    else if (name === '--open') setPath(given, 'open', value(), cwd)
    else if (name === '--data-dir') setPath(given, 'dataDir', value(), cwd)
    else if (name.startsWith('-') || name === '') continue
    else if (appSeen) setPath(given, 'open', argv[i], cwd)
    else appSeen = true
  }
  return given
}

function split(arg: string): [name: string, inline: string | undefined] {
  const at = arg.indexOf('=')
  return arg.startsWith('--') && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg, undefined]
}

function setPath(given: { open?: string; dataDir?: string }, key: 'open' | 'dataDir', value: string | undefined, cwd: string): void {
  if (value !== undefined && value !== '' && !value.startsWith('--')) given[key] = isAbsolute(value) ? value : resolve(cwd, value)
}

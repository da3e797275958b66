import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Help text of the option, the same in every command that has it. */
export const DATA_DIR_HELP = 'folder for recordings and the library (default: that of the desktop app, or TAPEDECK_DATA_DIR)'

/** The data folder: the option, else the environment, else the folder that the desktop app uses as well. Absolute. */
export function dataDirOf(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return resolve(option ?? (env['TAPEDECK_DATA_DIR'] || join(appDataDir(env), 'tapedeck', 'data')))
}

/** Where the operating system wants applications to keep their files. */
function appDataDir(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
}

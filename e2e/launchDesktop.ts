import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { removeFolder } from './removeFolder.ts'

export interface Desktop {
  readonly app: ElectronApplication
  readonly page: Page
  /** Fresh for this app: settings in `user`, recordings in `data`. */
  readonly folder: string
  /** What the main process wrote to standard error so far. */
  readonly errors: () => string
  close(): Promise<void>
}

const START_LIMIT_MS = 60_000
/** A shared machine may stand still for longer than a recording should bear. */
const PATIENT = { PM_DATA_CAPTURE_BACKPRESSURE_FATAL_MS: '600000' }
const holdReady = fileURLToPath(new URL('holdReady.cjs', import.meta.url))

/** How the app is started on this machine, with its settings and recordings below `folder`. build/test.mjs sets the environment. */
export function electronCommand(folder: string): { executable: string; args: string[] } {
  const executable = process.env['TAPEDECK_ELECTRON']
  if (executable === undefined) throw new Error('TAPEDECK_ELECTRON is not set: run these tests with "node build/test.mjs e2eDesktop"')
  const flags = (process.env['TAPEDECK_ELECTRON_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  const root = process.env['TAPEDECK_APP'] ?? fileURLToPath(new URL('..', import.meta.url))
  return { executable, args: [...flags, `--user-data-dir=${join(folder, 'user')}`, root, `--data-dir=${join(folder, 'data')}`] }
}

/** The built app in real Electron, driven by its debugger, in fresh folders. */
export async function launchDesktop(args: readonly string[] = []): Promise<Desktop> {
  const folder = mkdtempSync(join(tmpdir(), 'tapedeck-e2e-'))
  const command = electronCommand(folder)
  const all = ['-r', holdReady, ...command.args, ...args]
  const app = await _electron.launch({
    executablePath: command.executable,
    args: all,
    env: { ...process.env, ...PATIENT },
    timeout: START_LIMIT_MS
  })
  let errors = ''
  app.process().stderr?.on('data', (bytes) => (errors += String(bytes)))
  const page = await app.firstWindow({ timeout: START_LIMIT_MS })
  await page.waitForLoadState('load')
  const close = async (): Promise<void> => {
    await app.close()
    removeFolder(folder)
  }
  return { app, page, folder, errors: () => errors, close }
}

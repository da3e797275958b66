import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, safeStorage, type BrowserWindow } from 'electron'
import { openAtStart, type StartTarget } from '../../shared/openAtStart.ts'
import { createEngine, type Engine } from '../engine/index.ts'
import { registerAppScheme, serveApp } from './appProtocol.ts'
import { desktopArgs, type DesktopArgs } from './desktopArgs.ts'
import { connectIpc } from './ipc.ts'
import { Keychain } from './keychain.ts'
import { lockDown } from './lockDown.ts'
import { setMenu } from './menu.ts'
import { Pages } from './pages.ts'
import { quitInOrder, quitOnSignals } from './quitInOrder.ts'
import { openStudioWindow } from './studioWindow.ts'

/** Where the parts of the app lie on disk. */
export interface AppPaths {
  readonly rendererDir: string
  readonly preload: string
  /** Holds `demo/`. */
  readonly resourcesDir: string
}

/** A recording needs this long at most to end in order. */
const DISPOSE_LIMIT_MS = 15_000
const DEBUG_SWITCHES = ['remote-debugging-port', 'remote-debugging-pipe', 'remote-debugging-address', 'inspect', 'inspect-brk']

const say = (line: string): void => void process.stderr.write(`tapedeck: ${line}\n`)

/** Runs the desktop app. Returns at once; the app ends the process. */
export function startDesktop(paths: AppPaths): void {
  if (app.isPackaged && DEBUG_SWITCHES.some((name) => app.commandLine.hasSwitch(name))) {
    say('Debugging from outside is not possible in a released Tapedeck. Start it without the debugging switch.')
    return app.exit(2)
  }
  // As root every child process would refuse to start; the switch says that this is known.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  const args = desktopArgs(process.argv, process.cwd(), !app.isPackaged)
  if (!app.requestSingleInstanceLock({ ...args })) {
    say('Tapedeck is running already; it was asked to open what you gave.')
    return app.exit(0)
  }
  registerAppScheme()
  const desktop = new Desktop(paths, args)
  quitOnSignals(app, (signal, listener) => process.on(signal, listener))
  void app.whenReady().then(() => desktop.start())
}

class Desktop {
  readonly #paths: AppPaths
  readonly #args: DesktopArgs
  readonly #devUrl = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
  readonly #demoBundle: string | undefined
  #window: BrowserWindow | undefined
  #engine: Engine | undefined
  #pages: Pages | undefined
  /** Asked for by the system before the engine was up. */
  #waiting: string | undefined

  constructor(paths: AppPaths, args: DesktopArgs) {
    this.#paths = paths
    this.#args = args
    const demo = join(paths.resourcesDir, 'demo')
    this.#demoBundle = existsSync(demo) ? demo : undefined
    app.on('second-instance', (_event, _argv, _cwd, given) => this.#onSecondInstance(given as DesktopArgs))
    app.on('open-file', (event, path) => {
      event.preventDefault()
      this.#open({ open: path })
    })
    app.on('activate', () => this.#showWindow())
    app.on('window-all-closed', () => app.quit())
    quitInOrder(app, { dispose: () => this.#dispose(), limitMs: DISPOSE_LIMIT_MS, say })
  }

  start(): void {
    const dataDir = this.#args.dataDir ?? (process.env['TAPEDECK_DATA_DIR'] || join(app.getPath('userData'), 'data'))
    const secrets = new Keychain(safeStorage, join(app.getPath('userData'), 'secrets.json'))
    this.#engine = createEngine({ dataDir, secrets, ...(this.#demoBundle !== undefined && { demoBundle: this.#demoBundle }) })
    this.#pages = new Pages(this.#engine)
    lockDown(this.#devUrl)
    serveApp(this.#paths.rendererDir)
    connectIpc(this.#engine, this.#pages, this.#devUrl)
    setMenu(() => this.#pages?.notify({ kind: 'open_settings' }))
    this.#showWindow()
    this.#open(this.#target(this.#args))
    if (this.#waiting !== undefined) this.#open({ open: this.#waiting })
  }

  #target(args: DesktopArgs): StartTarget {
    if (args.open !== undefined) return { open: args.open }
    return args.demo && this.#demoBundle !== undefined ? { demo: this.#demoBundle } : {}
  }

  #onSecondInstance(given: DesktopArgs): void {
    this.#showWindow()
    this.#open(this.#target(given))
  }

  #open(target: StartTarget): void {
    const engine = this.#engine
    if (engine === undefined) {
      this.#waiting = target.open
      return
    }
    void openAtStart((command) => engine.callUnknown(command), target).then((failure) => {
      if (failure === undefined) return
      say(failure.message)
      this.#pages?.notify({ kind: 'notice', level: 'error', text: failure.message })
    })
  }

  #showWindow(): void {
    if (this.#engine === undefined) return
    if (this.#window !== undefined && !this.#window.isDestroyed()) {
      if (this.#window.isMinimized()) this.#window.restore()
      return this.#window.focus()
    }
    this.#window = openStudioWindow({
      preload: this.#paths.preload,
      ...(this.#devUrl !== undefined && { devUrl: this.#devUrl }),
      onPageGone: (page) => this.#pages?.close(page)
    })
  }

  async #dispose(): Promise<void> {
    try {
      await this.#engine?.dispose()
    } finally {
      this.#pages?.closeAll()
    }
  }
}

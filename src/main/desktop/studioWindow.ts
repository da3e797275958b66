import { app, BrowserWindow, type WebContents } from 'electron'
import { APP_ORIGIN } from './trust.ts'

export interface StudioWindowOptions {
  readonly preload: string
  /** Address of the development server, where there is one. */
  readonly devUrl?: string
  readonly icon?: string
  /** The page is gone, or about to be replaced: its frames have nowhere to go. */
  readonly onPageGone: (page: WebContents) => void
}

const MIN = { width: 1280, height: 800 }
/** The screen's darkest surface, so that nothing flashes white while the page loads. */
const BACKGROUND = '#0b0e14'
/** Chromium's answer when a load ended because something else began, such as the end of the app. */
const LOAD_ABORTED = -3
/** After so many crashes in a row the page is left as it is. */
const MAX_RELOADS = 3

export function openStudioWindow(options: StudioWindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: MIN.width,
    minHeight: MIN.height,
    show: false,
    title: 'Tapedeck',
    backgroundColor: BACKGROUND,
    autoHideMenuBar: true,
    ...(options.icon !== undefined && { icon: options.icon }),
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      navigateOnDragDrop: false,
      // A recording is watched from another desktop too.
      backgroundThrottling: false,
      spellcheck: false,
      devTools: !app.isPackaged
    }
  })
  window.once('ready-to-show', () => window.show())
  watchPage(window, options)
  // Why a load failed is told by `did-fail-load`; touching a window that is being torn down ends the whole process.
  void window.loadURL(options.devUrl ?? `${APP_ORIGIN}/`).catch(() => undefined)
  return window
}

function watchPage(window: BrowserWindow, { onPageGone }: StudioWindowOptions): void {
  const { webContents } = window
  let reloads = 0
  webContents.on('did-fail-load', (_event, code) => {
    if (code !== LOAD_ABORTED && !window.isDestroyed()) window.show()
  })
  webContents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) onPageGone(webContents)
  })
  webContents.on('render-process-gone', (_event, { reason }) => {
    onPageGone(webContents)
    if (reason === 'clean-exit' || reloads >= MAX_RELOADS || window.isDestroyed()) return
    reloads++
    webContents.reload()
  })
  webContents.once('destroyed', () => onPageGone(webContents))
}

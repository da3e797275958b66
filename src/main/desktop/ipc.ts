import { ipcMain, MessageChannelMain, type WebContents } from 'electron'
import { handleCall, handleOpenFrames } from './ipcHandlers.ts'
import type { Pages } from './pages.ts'
import type { Engine } from '../engine/index.ts'

/** Connects the page's two doors, `studio:call` and `studio:open-frames`. The preload knows the same names. */
export function connectIpc(engine: Engine, pages: Pages, devUrl?: string): void {
  ipcMain.handle('studio:call', handleCall(engine, devUrl))
  const openFrames = handleOpenFrames((sender) => {
    const { port1, port2 } = new MessageChannelMain()
    pages.open(sender as WebContents, port1)
    ;(sender as WebContents).postMessage('studio:frames', null, [port2])
  }, devUrl)
  ipcMain.on('studio:open-frames', openFrames)
}

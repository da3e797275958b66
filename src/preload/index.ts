import { contextBridge, ipcRenderer, webUtils } from 'electron'

// A port cannot cross the context bridge: it is handed to the page as a message, which only this very page can receive.
ipcRenderer.on('studio:frames', (event) => window.postMessage({ kind: 'tapedeck-frames' }, location.origin, event.ports))

/** All that the page can reach: named methods, never the channel itself. */
contextBridge.exposeInMainWorld('studio', {
  call: (command: unknown): Promise<unknown> => ipcRenderer.invoke('studio:call', command),
  openFrames: (): void => ipcRenderer.send('studio:open-frames'),
  pathForFile: (file: File): string => webUtils.getPathForFile(file),
  platform: process.platform
})

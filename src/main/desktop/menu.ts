import { app, Menu, type MenuItemConstructorOptions } from 'electron'

/** The few entries that a window system expects; everything else is on the screen itself. */
/** @param onSettings the settings of a capture are asked for */
export function setMenu(onSettings: () => void): void {
  const developer: MenuItemConstructorOptions[] = [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }]
  // The page itself listens for the keys: registered here too they would count twice.
  const settings: MenuItemConstructorOptions = {
    label: 'Capture Settings…',
    accelerator: 'CmdOrCtrl+,',
    registerAccelerator: false,
    click: onSettings
  }
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: [settings, { type: 'separator' }, process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : developer)
      ]
    }
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

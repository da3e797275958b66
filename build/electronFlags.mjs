// Command-line switches that this machine needs. Plain Node 20, no packages.
import { existsSync } from 'node:fs'

const SOFTWARE_GL = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']

/** Switches for Electron and Chromium here: as root their sandbox cannot start; without a GPU WebGL is refused unless it is asked for in software. */
export function chromiumFlags({ virtualDisplay = false } = {}) {
  const flags = []
  if (process.getuid?.() === 0) flags.push('--no-sandbox')
  if (process.platform === 'linux' && (virtualDisplay || !existsSync('/dev/dri'))) flags.push(...SOFTWARE_GL)
  return flags
}

/** True when a window can be opened here. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

import { join } from 'node:path'
import { app } from 'electron'
import { startDesktop } from './desktop/startDesktop.ts'

// This module is built to out/main/index.js, beside out/preload and out/renderer.
const here = import.meta.dirname

startDesktop({
  rendererDir: join(here, '../renderer'),
  preload: join(here, '../preload/index.cjs'),
  resourcesDir: app.isPackaged ? process.resourcesPath : join(here, '../../resources')
})

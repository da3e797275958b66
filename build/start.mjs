// `npm start`: installs, builds, opens the studio. Plain Node 20, no packages.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { bundle } from './bundle.mjs'
import { childEnv, handOver } from './command.mjs'
import { findElectron } from './electronBinary.mjs'
import { chromiumFlags, hasDisplay } from './electronFlags.mjs'
import { node22, root } from './paths.mjs'
import { systemPackages } from './system.mjs'

const help = `npm start                       open the studio on the demo bundle
npm start -- <bundle>           open it on a bundle: a folder or an archive
npm start -- --browser          serve it to a web browser on this machine instead of opening a window`

/** @returns the Electron to open a window with, undefined when browser mode has to do */
async function windowElectron() {
  if (!hasDisplay()) {
    console.log('no display here: browser mode')
    return undefined
  }
  const electron = await findElectron()
  if (electron === undefined) {
    console.log('no Electron here: browser mode')
    return undefined
  }
  if (await systemPackages('window')) return electron
  console.log('a window cannot be opened without these libraries: browser mode')
  return undefined
}

/** A bare path is a bundle to open; npm changes the folder, so it is taken from where the user was. */
function openArg(arg) {
  return arg.startsWith('-') ? [arg] : ['--open', resolve(process.env.INIT_CWD ?? process.cwd(), arg)]
}

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help)
    return 0
  }
  const rest = args.filter((arg) => arg !== '--browser')
  const target = rest.length > 0 ? rest.flatMap(openArg) : ['--demo']
  await bootstrap()
  const electron = args.includes('--browser') ? undefined : await windowElectron()
  await bundle()
  if (electron && existsSync(join(root, 'out', 'main', 'index.js'))) {
    // ELECTRON_RUN_AS_NODE would turn the window into a bare Node.
    return handOver(electron.executable, [...chromiumFlags(), root, ...target], childEnv({ ELECTRON_RUN_AS_NODE: undefined }))
  }
  return handOver(node22, [join(root, 'out', 'main', 'cli.js'), 'studio', ...target])
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`npm start: ${error.message}`)
  process.exitCode = 1
}

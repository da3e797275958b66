// `npm run dev`: the studio from source with hot reload. Plain Node 20, no packages.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { childEnv, handOver } from './command.mjs'
import { findElectron } from './electronBinary.mjs'
import { chromiumFlags, hasDisplay } from './electronFlags.mjs'
import { node22, root } from './paths.mjs'
import { systemPackages } from './system.mjs'

async function main(args) {
  await bootstrap()
  if (!hasDisplay()) throw new Error('there is no display here; "npm start -- --browser" needs none')
  const electron = await findElectron()
  if (electron === undefined || !(await systemPackages('window'))) throw new Error('a window cannot be opened here; see the lines above')
  // What development leaves in out/ is no build.
  rmSync(join(root, 'out', '.stamp'), { force: true })
  const flags = chromiumFlags()
  const ownFlags = flags.includes('--no-sandbox') ? ['--noSandbox'] : []
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const rest = [...flags.filter((flag) => flag !== '--no-sandbox'), ...(args.length > 0 ? args : ['--demo'])]
  const env = childEnv({
    ELECTRON_EXEC_PATH: electron.executable,
    ELECTRON_OVERRIDE_DIST_PATH: electron.dist,
    ELECTRON_RUN_AS_NODE: undefined
  })
  return handOver(node22, [cli, 'dev', '--watch', ...ownFlags, '--', ...rest], env, root)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`npm run dev: ${error.message}`)
  process.exitCode = 1
}

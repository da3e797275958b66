// `npm test`, `npm run check`, or one step by name. Plain Node 20, no packages.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { bundle } from './bundle.mjs'
import { childEnv, runCommand } from './command.mjs'
import { startDisplay } from './display.mjs'
import { findElectron } from './electronBinary.mjs'
import { chromiumFlags } from './electronFlags.mjs'
import { binDir, node22, root } from './paths.mjs'
import { findChromium, systemPackages } from './system.mjs'

const MINUTE_MS = 60_000
/** The whole run; a step gets at most what is left of it. */
const deadlineMs = Date.now() + 40 * MINUTE_MS
const resultsDir = join(root, 'test-results')
const underCi = Boolean(process.env.CI)
const totals = { passed: 0, failed: 0, skipped: 0 }
/** Steps that this machine cannot run. */
const leftOut = []

/** Every step throws to stop the run. Those of `npm run check` come first and need neither a build nor a display. */
const steps = {
  types: () => program('tsc', ['--noEmit', '-p', '.']),
  lint: () => program('oxlint', ['--type-aware', '--deny-warnings', '.']),
  layers: () => program('node', ['build/layers.ts']),
  unit: (args) => vitest('unit', args, { mustHaveTests: true }),
  format: () => program('oxfmt', ['--check', '.']),
  integration: (args) => vitest('integration', args, { mustHaveTests: true, limitMs: 28 * MINUTE_MS }),
  build: () => bundle(),
  electronNode,
  e2eCli: async (args) => vitest('e2eCli', args, { env: await e2eEnv(), mustHaveTests: true, limitMs: 15 * MINUTE_MS }),
  e2eDesktop,
  e2eWeb
}
const checkSteps = ['types', 'lint', 'layers', 'unit']
const everyday = ['unit', 'integration']

async function program(name, args) {
  const { code, timedOut } = await runCommand(join(binDir, name), args, { show: true, timeoutMs: 5 * MINUTE_MS })
  if (code !== 0) throw new Error(timedOut ? `${name} did not end in time` : `${name} found faults (exit code ${code})`)
}

/** Runs one vitest project and adds its counts to the totals; vitest.config.ts has the projects. */
async function vitest(project, args = [], { env = {}, mustHaveTests = false, limitMs = 10 * MINUTE_MS, node = node22 } = {}) {
  const report = join(resultsDir, `${project}.json`)
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const cli = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const prepared = everyday.includes(project) ? undefined : '1'
  const options = {
    show: true,
    timeoutMs: Math.max(1, Math.min(limitMs, deadlineMs - Date.now())),
    env: childEnv({ TAPEDECK_PREPARED: prepared, ...env })
  }
  const { code, timedOut } = await runCommand(node, [cli, 'run', '--project', project, ...reporters, ...args], options)
  const counted = addCounts(report)
  if (timedOut) throw new Error(`the ${project} tests did not end in time and were stopped`)
  if (code !== 0) throw new Error(`the ${project} tests failed (exit code ${code})`)
  if (counted > 0) return
  if (mustHaveTests && underCi) throw new Error(`there is no ${project} test: expected at least one`)
  console.log(`NO ${project} TESTS FOUND`)
}

/** @returns {number} how many tests a report holds; 0 when vitest did not get far enough to write one */
function addCounts(report) {
  let counts
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return 0
  }
  totals.passed += counts.numPassedTests
  totals.failed += counts.numFailedTests + (counts.success || counts.numFailedTests > 0 ? 0 : 1)
  totals.skipped += counts.numPendingTests + counts.numTodoTests
  return counts.numTotalTests
}

/** The same tests on the Node inside Electron: native modules and codecs must behave alike there. */
async function electronNode(args) {
  const electron = await findElectron()
  if (electron === undefined) return unavailable('Electron', 'electronNode')
  return vitest('electronNode', args, { mustHaveTests: true, node: electron.executable, env: { ELECTRON_RUN_AS_NODE: '1' } })
}

async function e2eDesktop(args) {
  const electron = await findElectron()
  if (electron === undefined) return unavailable('Electron', 'e2eDesktop')
  await bundle()
  const screen = await startDisplay()
  try {
    const env = await e2eEnv({
      DISPLAY: screen.display,
      WAYLAND_DISPLAY: undefined,
      ELECTRON_RUN_AS_NODE: undefined,
      TAPEDECK_ELECTRON: electron.executable,
      TAPEDECK_ELECTRON_FLAGS: chromiumFlags({ virtualDisplay: true }).join(' ')
    })
    await vitest('e2eDesktop', args, { env, mustHaveTests: true, limitMs: 20 * MINUTE_MS })
  } finally {
    await screen.stop()
  }
}

async function e2eWeb(args) {
  const chromium = findChromium()
  if (chromium === undefined) return unavailable('Chromium', 'e2eWeb')
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic']
  const flags = [...chromiumFlags({ virtualDisplay: true }), ...quiet]
  const env = await e2eEnv({ DISPLAY: undefined, TAPEDECK_CHROMIUM: chromium, TAPEDECK_CHROMIUM_FLAGS: flags.join(' ') })
  return vitest('e2eWeb', args, { env, mustHaveTests: true, limitMs: 15 * MINUTE_MS })
}

/** What every end-to-end test is told; e2e tests read these and nothing else of the machine. */
async function e2eEnv(extra = {}) {
  await bundle()
  return { TAPEDECK_NODE: node22, TAPEDECK_CLI: join(root, 'out', 'main', 'cli.js'), TAPEDECK_RESULTS: resultsDir, ...extra }
}

function unavailable(what, step) {
  const text = `${what} cannot be had on this machine, so ${step} did not run`
  if (underCi) throw new Error(text)
  leftOut.push(step)
  console.log(`\n${'!'.repeat(text.length)}\n${text}\n${'!'.repeat(text.length)}`)
}

const seconds = (startMs) => `${((Date.now() - startMs) / 1000).toFixed(1)} s`

async function runSteps(names, args) {
  for (const name of names) {
    console.log(`\n== ${name}`)
    const startMs = Date.now()
    await steps[name](args)
    console.log(`== ${name}: ${seconds(startMs)}`)
  }
}

/** @returns {{ names: string[], args: string[] }} the steps asked for, and what is passed on to vitest */
function plan([first, ...args]) {
  if (first === undefined) return { names: Object.keys(steps), args: [] }
  if (first === 'check') return { names: checkSteps, args: [] }
  if (first in steps) return { names: [first], args }
  throw new Error(`there is no step "${first}"; there are: check, ${Object.keys(steps).join(', ')}`)
}

const startMs = Date.now()
try {
  const { names, args } = plan(process.argv.slice(2))
  await bootstrap()
  mkdirSync(resultsDir, { recursive: true })
  if (names.some((name) => name.startsWith('e2e') || name === 'electronNode')) await systemPackages('tests')
  await runSteps(names, args)
} catch (error) {
  console.error(`\nSTOPPED: ${error.message}`)
  process.exitCode = 1
}
console.log(`\ntotal: ${seconds(startMs)}`)
if (leftOut.length > 0) console.log(`did not run on this machine: ${leftOut.join(', ')}`)
if (totals.passed + totals.failed + totals.skipped > 0)
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)

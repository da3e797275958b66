import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const never = ['**/node_modules/**', 'out/**', '**/*.live.test.ts']
const integration = 'src/**/*.integration.test.ts'

/** Runs once more on Electron's own Node: everything that touches a native module, a codec or raw bytes. No worker threads from source there. */
const onElectronNode = ['src/shared/**/*.test.ts', 'src/main/engine/{bundle,catalog}/**/*.test.ts', 'build/natives.test.ts']

/** What is waited for comes at once, or on a busy machine some seconds later. */
const patient = { expect: { poll: { timeout: 15_000 } } }

/** e2e drives whole programs: one file at a time, long but bounded waits, no retry that would hide a race. */
const e2e = {
  ...patient,
  exclude: never,
  fileParallelism: false,
  testTimeout: 300_000,
  hookTimeout: 120_000,
  teardownTimeout: 30_000,
  maxWorkers: 1
}

const sources = { ...patient, setupFiles: ['build/propertySeed.ts'] }

/** As many files at a time as there are cores, where vitest would leave one out. */
const maxWorkers = availableParallelism()

const everyday = [
  {
    test: {
      ...sources,
      name: 'unit',
      include: ['src/**/*.test.{ts,tsx}', 'build/**/*.test.{ts,mjs}', 'bench/**/*.test.ts'],
      exclude: [...never, integration],
      testTimeout: 20_000,
      hookTimeout: 60_000,
      maxWorkers
    }
  },
  {
    test: { ...sources, name: 'integration', include: [integration], exclude: never, testTimeout: 120_000, hookTimeout: 60_000, maxWorkers }
  }
]

/** These need a build, a display or another Node: build/test.mjs prepares them and names the one to run. */
const prepared = [
  { test: { ...sources, name: 'electronNode', include: onElectronNode, exclude: [...never, integration], testTimeout: 20_000 } },
  { test: { ...e2e, name: 'e2eCli', include: ['e2e/**/*.cli.e2e.ts'] } },
  { test: { ...e2e, name: 'e2eDesktop', include: ['e2e/**/*.e2e.ts'], exclude: [...never, 'e2e/**/*.{cli,web}.e2e.ts'] } },
  { test: { ...e2e, name: 'e2eWeb', include: ['e2e/**/*.web.e2e.ts'] } }
]

export default defineConfig({
  test: { pool: 'forks', passWithNoTests: true, projects: process.env['TAPEDECK_PREPARED'] ? prepared : everyday }
})

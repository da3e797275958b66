import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replayReport } from '../src/main/engine/index.ts'
import { launchDesktop } from './launchDesktop.ts'
import { StudioPage } from './studioPage.ts'

test('quitting the app while LIVE records ends the run cleanly, with its fingerprint', async () => {
  const desktop = await launchDesktop()
  const studio = new StudioPage(desktop.page)
  await studio.click('live-start')
  await studio.until((page) => page.columns().count >= 2, 'two columns')
  const exited = new Promise((resolve) => desktop.app.process().once('exit', resolve))
  // As the window system would ask for it; the folder must outlive the app.
  await desktop.app.evaluate(({ app }) => app.quit())
  await exited
  const runs = join(desktop.folder, 'data', 'runs')
  const [name] = readdirSync(runs)
  const runDir = join(runs, name!)
  const log = readFileSync(join(runDir, 'runlog.ndjson'), 'utf8').trim().split('\n')
  expect(JSON.parse(log.at(-1)!)).toMatchObject({ record_type: 'capture_stop' })
  const report = await replayReport(runDir)
  expect(report).toMatchObject({ ok: true, verdict: 'ended' })
  expect(report.recorded_fingerprint).toBe(report.fingerprint)
  await desktop.close()
})

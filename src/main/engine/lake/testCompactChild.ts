import { compactRun } from './compactRun.ts'
import { runRetention } from './retention.ts'
import { DEFAULT_POLICY } from './retentionPolicy.ts'

// A child process that a test kills: compacts, or deletes old journals, with a line before it begins.
const [what = '', bundleDir = '', lakeDir = '', nowMs = '0', partBytes = '60000'] = process.argv.slice(2)
process.stdout.write('begun\n')
if (what === 'compact') await compactRun({ bundleDir, lakeDir, partBytes: Number(partBytes) })
else
  await runRetention({
    lakeDir,
    bundleDirs: [bundleDir],
    policy: { ...DEFAULT_POLICY, parquetMonths: 6, keepForever: [] },
    apply: true,
    nowMs: Number(nowMs)
  })

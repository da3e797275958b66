import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePaths, openBundle } from '../../bundle/index.ts'
import { KeepFilter, rebuildJournal, type Keep, type Recorded } from '../../record/index.ts'
import { OutBuffer } from '../../tape/index.ts'
import { writeRoughRun, type RoughRun } from '../../testing/roughRun.ts'
import { runOfBundle, TapeRun } from '../runTape.ts'

const SLICE_FRAMES = 500

export interface RecordedTestRun {
  readonly dir: string
  readonly recorded: Recorded
  /** What was kept, as the tape makes it of the raw bytes. */
  readonly kept: Uint8Array
  readonly originTsNs: bigint
}

/** For tests: the bundle of a rough run with a journal, as a recorder would have left it. */
export async function recordedRun(options: RoughRun, keep: Keep = 'light'): Promise<RecordedTestRun> {
  const dir = await writeRoughRun(options)
  const bundle = await openBundle(dir)
  const { runId, t0WallNs } = bundle
  const all = new OutBuffer()
  async function* batches(): AsyncGenerator<Uint8Array> {
    const out = new OutBuffer()
    const filter = new KeepFilter(keep)
    const run = new TapeRun(runOfBundle(bundle), { onRecords: (bytes, length) => filter.take(bytes, length, out) })
    for (let n = SLICE_FRAMES; n === SLICE_FRAMES;) {
      n = run.advance(Infinity, SLICE_FRAMES)
      run.tape.drain()
      const bytes = out.take()
      all.append(bytes, 0, bytes.length)
      if (bytes.length > 0) yield await Promise.resolve(bytes)
    }
    run.close()
  }
  const settings = { keep, segmentSeconds: 20, segmentBytes: 1 << 26 }
  const recorded = await rebuildJournal({ runDir: dir, runId, venue: options.venue, t0WallNs }, settings, batches())
  bundle.close()
  return { dir, recorded, kept: all.take(), originTsNs: t0WallNs }
}

interface Row {
  readonly path: string
}

/** For tests: what kill -9 leaves of a run. No end is stated, and the newest segments of each channel, or all, are not finished. */
export function crash(dir: string, open: 'newest' | 'all'): void {
  const journal = (...path: string[]): string => join(dir, 'journal', ...path)
  const facts = JSON.parse(readFileSync(journal('journal.json'), 'utf8')) as object
  writeFileSync(journal('journal.json'), JSON.stringify({ ...facts, ended: null }))
  writeFileSync(bundlePaths(dir).runlog, '')
  for (const channel of readdirSync(journal()).filter((name) => name.startsWith('ch='))) {
    const manifest = journal(channel, 'manifest.json')
    const rows = JSON.parse(readFileSync(manifest, 'utf8')) as Row[]
    const left = open === 'all' ? [] : rows.slice(0, -1)
    for (const { path } of rows.slice(left.length)) renameSync(journal(path), journal(path.replace('.jsonl.zst', '_pending.jsonl.zst')))
    if (left.length === 0) rmSync(manifest)
    else writeFileSync(manifest, JSON.stringify(left))
  }
}

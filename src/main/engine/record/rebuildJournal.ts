import { existsSync, renameSync, rmSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { fsyncDir, isBeingCaptured, readStudioFacts, writeStudioFacts } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import { journalDir } from './journalFacts.ts'
import { Recorder, type RecorderRun, type RecorderSettings } from './recorder.ts'
import { RecordedFingerprint, type Recorded } from './recordedFingerprint.ts'

/** Batches between two looks at the clock of the journal: acknowledging and rolling. */
const TICK_BATCHES = 20

/**
 * Makes the journal of a run anew and puts it in place of the old one in one step; a crash leaves the one or the other.
 * @param kept what the filter keeps of the run derived from its raw bytes, in order, with the records of `health` among them
 * @returns what the new journal holds
 * @throws StudioError BUSY while the run is recorded, FILE_FAILED when the journal could not be written whole
 */
export async function rebuildJournal(run: RecorderRun, settings: RecorderSettings, kept: AsyncIterable<Uint8Array>): Promise<Recorded> {
  const { runDir } = run
  const root = journalDir(runDir)
  const fresh = `${root}.new`
  const old = `${root}.old`
  if (isBeingCaptured(runDir, Number(hostClock.wallNs() / 1_000_000n)))
    throw new StudioError(
      'BUSY',
      `This run is being recorded; its journal can be made again when the recording has ended. Folder: ${runDir}`
    )
  if (!existsSync(root) && existsSync(old)) renameSync(old, root)
  rmSync(fresh, { recursive: true, force: true })
  const recorder = new Recorder({ ...run, settings, clock: hostClock, root: fresh })
  const fingerprint = new RecordedFingerprint(settings.keep, run.runId, run.t0WallNs)
  try {
    let batches = 0
    for await (const bytes of kept) {
      fingerprint.update(bytes)
      await recorder.take(bytes)
      if (++batches % TICK_BATCHES === 0) recorder.tick()
    }
    const { ok } = await recorder.finish()
    if (!ok) throw new StudioError('FILE_FAILED', `The journal could not be written (${recorder.status.lastFault}). The old one is kept.`)
  } catch (error) {
    await recorder.finish()
    rmSync(fresh, { recursive: true, force: true })
    throw error
  }
  rmSync(old, { recursive: true, force: true })
  if (existsSync(root)) renameSync(root, old)
  renameSync(fresh, root)
  fsyncDir(runDir)
  rmSync(old, { recursive: true, force: true })
  const recorded = fingerprint.summary()
  const facts = readStudioFacts(runDir)
  if (facts !== undefined) writeStudioFacts(runDir, { ...facts, recorded })
  return recorded
}

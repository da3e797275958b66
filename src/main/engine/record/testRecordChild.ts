import { openJournal } from './journal.ts'
import { KeepFilter } from './keepFilter.ts'
import { hostRecordDisk, type RecordDisk } from './recordDisk.ts'
import { InventedTape, keptOf, testRecorder } from './testJournals.ts'

/**
 * For tests: records invented tapes for ever in a process of its own, several side by side, or saves their journals, to be killed in the middle of it.
 * Tells the acknowledged lines of each. Arguments: what to do, and the journals as JSON.
 */
const [task = '', text = '[]'] = process.argv.slice(2)
const journals = JSON.parse(text) as { dir: string; seed: number; segmentSeconds: number; dieAtRollCall?: number }[]
/** Then only what is queued is still written: the test knows the first 10,000 frames. */
const MAX_BATCHES = 100
const acked = journals.map(() => 0)

/** A disk over which the process kills itself in a roll: right after a segment got its name, or before one of the calls that list it. */
function fatalDisk(n: number): RecordDisk {
  let isRolling = false
  let calls = 0
  const step = (): void => {
    if (isRolling && ++calls === n) process.kill(process.pid, 'SIGKILL')
  }
  return {
    ...hostRecordDisk,
    rename: (from, to) => {
      step()
      hostRecordDisk.rename(from, to)
      if (!from.includes('_pending')) return
      isRolling = true
      step()
    },
    syncFolder: (path) => (step(), hostRecordDisk.syncFolder(path)),
    remove: (path) => {
      step()
      hostRecordDisk.remove(path)
      if (path.endsWith('.checks')) isRolling = false
    }
  }
}

async function record({ dir, seed, segmentSeconds, dieAtRollCall }: (typeof journals)[number], i: number): Promise<void> {
  const recorder = testRecorder(
    dir,
    { keep: 'all', segmentSeconds },
    dieAtRollCall === undefined ? hostRecordDisk : fatalDisk(dieAtRollCall)
  )
  const tape = new InventedTape(seed)
  const filter = new KeepFilter('all')
  for (let batch = 0; ; batch++) {
    if (batch < MAX_BATCHES) await recorder.take(keptOf(filter, tape.next(100)))
    recorder.tick()
    await new Promise((resolve) => setTimeout(resolve, 5))
    acked[i] = recorder.status.ackedLines
    process.stdout.write(`${JSON.stringify(acked)}\n`)
  }
}

async function save({ dir }: (typeof journals)[number]): Promise<void> {
  process.stdout.write(`${JSON.stringify(acked)}\n`)
  for (;;) await openJournal(dir)
}

await Promise.all(journals.map((journal, i) => (task === 'save' ? save(journal) : record(journal, i))))

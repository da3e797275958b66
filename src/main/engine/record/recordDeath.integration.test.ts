import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventWindow, instrument, l2Book } from '../../../shared/channels/index.ts'
import { OutBuffer } from '../tape/index.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { random } from '../testing/random.ts'
import { openJournal, type Journal } from './journal.ts'
import type { RecordDisk } from './recordDisk.ts'
import { FaultyDisk } from './testFaultyDisk.ts'
import { InventedTape, readJournal, recordKeys, testRecorder, testRunDir } from './testJournals.ts'

/** What a death of the process leaves: from one call of the disk on, nothing more happens. */
const deadFrom = (n: number): FaultyDisk => new FaultyDisk((_call, i) => i >= n)
const WANTED: ReadonlySet<number> = new Set([instrument.wireId, l2Book.wireId, eventWindow.wireId])

let work = ''
beforeAll(() => {
  work = mkdtempSync(join(ramFolder(), 'tapedeck-death-'))
})
afterAll(() => rmSync(work, { recursive: true }))

/** Three channels, so that every call can be the last one in a time that can be waited for. */
function batches(): Uint8Array[] {
  const tape = new InventedTape(11)
  return Array.from({ length: 8 }, () => {
    const batch = tape.next(50)
    const view = new DataView(batch.buffer)
    const out = new OutBuffer()
    for (let at = 0; at < batch.length;) {
      const end = at + view.getUint32(at, true)
      if (WANTED.has(view.getUint8(at + 4))) out.append(batch, at, end)
      at = end
    }
    return out.take()
  })
}

/** Records on this disk and does not end in order. @returns acknowledged lines */
async function recordTo(dir: string, segmentSeconds: number, disk?: RecordDisk): Promise<number> {
  const recorder = testRecorder(dir, { segmentSeconds }, disk)
  for (const batch of batches()) {
    await recorder.take(batch)
    recorder.tick()
    await expect
      .poll(() => recorder.status.faults > 0 || recorder.status.ackedLines === recorder.status.lines, { interval: 1, timeout: 10_000 })
      .toBe(true)
  }
  const acked = recorder.status.ackedLines
  // Lets go of what a dead process would not hold any more.
  if (disk !== undefined) await recorder.finish()
  return acked
}

const filesOf = (dir: string): string[] => readdirSync(join(dir, 'journal'), { recursive: true, encoding: 'utf8' }).sort()

/** An acknowledged byte of the unfinished segment of the books becomes another one. */
function damage(dir: string): void {
  const name = filesOf(dir).find((file) => file.startsWith('ch=l2_book') && file.endsWith('_pending.jsonl.zst'))!
  const path = join(dir, 'journal', name)
  const bytes = readFileSync(path)
  bytes[bytes.length - 40]! ^= 4
  writeFileSync(path, bytes)
}

async function bytesOf(journal: Journal): Promise<Uint8Array> {
  const { bytes, problems } = await readJournal(journal)
  expect(problems).toEqual([])
  return bytes
}

test('salvage that dies at any call, and once more at another one, gives the same verdict, events and files as one that lives', async () => {
  const start = testRunDir('journal-test', work)
  await recordTo(start, 900)
  damage(start)
  const copied = (name: string): string => {
    const dir = join(work, name)
    cpSync(start, dir, { recursive: true })
    return dir
  }
  const once = copied('once')
  const sound = deadFrom(Infinity)
  const wanted = await openJournal(once, { disk: sound })
  const bytes = await bytesOf(wanted)
  expect(wanted.verdict.channels.find(({ channel }) => channel === 'l2_book')?.lost_lines).toBeGreaterThan(0)
  expect(sound.calls).toBeGreaterThan(40)
  const chance = random(5)
  for (let n = 0; n <= sound.calls; n++) {
    const dir = copied(`dead-${n}`)
    for (const from of [n, Math.floor(chance() * sound.calls)]) await openJournal(dir, { disk: deadFrom(from) }).catch(() => undefined)
    const journal = await openJournal(dir)
    expect([n, journal.verdict]).toEqual([n, wanted.verdict])
    expect([n, Buffer.compare(await bytesOf(journal), bytes)]).toEqual([n, 0])
    expect([n, filesOf(dir)]).toEqual([n, filesOf(once)])
    rmSync(dir, { recursive: true })
  }
}, 120_000)

test('a recorder that dies at any call has every acknowledged line, in order, and leaves nothing that salvage does not put right', async () => {
  const all = recordKeys(Buffer.concat(batches()))
  const whole = deadFrom(Infinity)
  await recordTo(testRunDir('journal-test', work), 0.3, whole)
  const chance = random(6)
  for (let n = 0; n <= whole.calls; n++) {
    const dir = testRunDir('journal-test', work)
    const acked = await recordTo(dir, 0.3, deadFrom(n))
    await openJournal(dir, { disk: deadFrom(Math.floor(chance() * 60)) }).catch(() => undefined)
    const journal = await openJournal(dir)
    const found = recordKeys(await bytesOf(journal))
    expect([n, found.length >= acked]).toEqual([n, true])
    const present = new Set(found)
    expect([n, found]).toEqual([n, all.filter((key) => present.has(key))])
    expect([n, ['none', 'recovered', 'ended'].includes(journal.verdict.state), journal.verdict.quarantined]).toEqual([n, true, []])
    const again = await openJournal(dir)
    expect([n, again.channels.flatMap(({ notes }) => notes)]).toEqual([n, []])
    if (journal.verdict.state !== 'none') expect([n, filesOf(dir).filter((file) => /pending|salvage|tmp/.test(file))]).toEqual([n, []])
    rmSync(dir, { recursive: true })
  }
}, 120_000)

import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventWindow, instrument, tapeTrades } from '../../../shared/channels/index.ts'
import { OutBuffer } from '../tape/index.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { random } from '../testing/random.ts'
import { openJournal, type Journal } from './journal.ts'
import { InventedTape, readJournal, recordKeys, testRecorder, testRunDir } from './testJournals.ts'

/** `TAPEDECK_MUTATIONS=1000000` for a long night. */
const MUTATIONS = Number(process.env['TAPEDECK_MUTATIONS'] ?? 20_000)
const WANTED: ReadonlySet<number> = new Set([instrument.wireId, tapeTrades.wireId, eventWindow.wireId])

let dir = ''
let other = ''
let keys: readonly string[] = []
let order: ReadonlyMap<string, number> = new Map()

/** A journal of three channels in a few small segments each, small enough to be opened thousands of times. */
async function smallJournal(runDir: string, seed: number): Promise<Uint8Array> {
  const recorder = testRecorder(runDir, { segmentSeconds: 0.8 })
  const tape = new InventedTape(seed)
  const out = new OutBuffer()
  for (let i = 0; i < 12; i++) {
    const batch = tape.next(60)
    const view = new DataView(batch.buffer)
    const own = new OutBuffer()
    for (let at = 0; at < batch.length;) {
      const end = at + view.getUint32(at, true)
      if (WANTED.has(view.getUint8(at + 4))) for (const to of [own, out]) to.append(batch, at, end)
      at = end
    }
    await recorder.take(own.take())
    recorder.tick()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await recorder.finish()
  return out.take()
}

beforeAll(async () => {
  dir = testRunDir('journal-test', ramFolder())
  other = testRunDir('another-run', ramFolder())
  keys = recordKeys(await smallJournal(dir, 21))
  await smallJournal(other, 22)
  order = new Map(keys.map((key, i) => [key, i]))
})
afterAll(() => {
  for (const path of [dir, other]) rmSync(path, { recursive: true })
})

interface Damage {
  readonly what: string
  apply(): void
  undo(): void
}

type Chance = () => number

/** What is read was recorded, once and in this order; and when something is missing or more, the verdict or the reading says so. */
async function expectTrue(journal: Journal, what: string): Promise<'whole' | 'told'> {
  const { bytes, problems } = await readJournal(journal)
  const found = recordKeys(bytes)
  const places = found.map((key) => order.get(key) ?? -1)
  const isOrdered = places.every((place, i) => place >= 0 && place > (places[i - 1] ?? -1))
  if (!isOrdered) throw new Error(`${what}: something was read that was never recorded, or not in this order`)
  const isTold = journal.verdict.state !== 'ended' || problems.length > 0
  if (found.length !== keys.length && !isTold)
    throw new Error(`${what}: ${keys.length - found.length} lines are missing and nothing says so`)
  return isTold ? 'told' : 'whole'
}

function files(root: string): string[] {
  return readdirSync(join(root, 'journal'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(zst|json|checks)$/.test(name))
    .map((name) => join(root, 'journal', name))
    .sort()
}

function pick<T>(list: readonly T[], chance: Chance): T {
  return list[Math.floor(chance() * list.length)]!
}

/** Changed bytes of one file. */
function inFile(path: string, what: string, change: (bytes: Buffer) => Buffer): Damage {
  const before = readFileSync(path)
  return {
    what: `${what} in ${path}`,
    apply: () => writeFileSync(path, change(Buffer.from(before))),
    undo: () => writeFileSync(path, before)
  }
}

function randomDamage(chance: Chance): Damage {
  const path = pick(files(dir), chance)
  const size = statSync(path).size
  const at = Math.floor(chance() * size)
  const kind = chance()
  if (kind < 0.5)
    return inFile(path, `bit flip at ${at}`, (bytes) => (bytes.writeUInt8(bytes[at]! ^ (1 << Math.floor(chance() * 8)), at), bytes))
  if (kind < 0.75) return inFile(path, `cut at ${at}`, (bytes) => bytes.subarray(0, at))
  if (kind < 0.8) return inFile(path, `zeros from ${at}`, (bytes) => bytes.fill(0, at))
  if (kind < 0.84) return inFile(path, 'empty', () => Buffer.alloc(0))
  if (kind < 0.88) return inFile(path, 'more behind', (bytes) => Buffer.concat([bytes, bytes.subarray(0, 1 + at)]))
  if (kind < 0.91) return inFile(path, 'of another run', () => readFileSync(pick(files(other), chance)))
  if (kind < 0.94) return inFile(path, 'of another place', () => readFileSync(pick(files(dir), chance)))
  if (kind < 0.97) return moved(path, `${path}.gone`, 'gone')
  const [a, b] = [path, pick(files(dir), chance)]
  const [inA, inB] = [readFileSync(a), readFileSync(b)]
  return {
    what: `${a} and ${b} swapped`,
    apply: () => [writeFileSync(a, inB), writeFileSync(b, inA)],
    undo: () => [writeFileSync(b, inB), writeFileSync(a, inA)]
  }
}

function moved(from: string, to: string, what: string): Damage {
  return { what: `${from} ${what}`, apply: () => renameSync(from, to), undo: () => renameSync(to, from) }
}

test(`${MUTATIONS} cuts, flips, swaps and foreign files in a journal: nothing wrong is ever read in silence`, async () => {
  const chance = random(7)
  const seen = { whole: 0, told: 0 }
  expect(await expectTrue(await openJournal(dir, { pending: 'leave' }), 'untouched')).toBe('whole')
  for (let i = 0; i < MUTATIONS; i++) {
    const damage = randomDamage(chance)
    damage.apply()
    try {
      seen[await expectTrue(await openJournal(dir, { pending: 'leave' }), damage.what)]++
    } finally {
      damage.undo()
    }
  }
  expect(await expectTrue(await openJournal(dir, { pending: 'leave' }), 'restored')).toBe('whole')
  expect(seen.told).toBeGreaterThan(MUTATIONS * 0.8)
  process.stdout.write(`journal: ${MUTATIONS} mutations, ${seen.told} told, ${seen.whole} without any effect\n`)
}, 36_000_000)

test('a segment that was being written is saved to its last proved line, however it was cut or flipped', async () => {
  const chance = random(8)
  const runDir = testRunDir('journal-test', ramFolder())
  const recorder = testRecorder(runDir)
  const tape = new InventedTape(21)
  const count = Math.ceil(MUTATIONS / 40)
  for (let i = 0; i < 6; i++) {
    await recorder.take(tape.next(40))
    recorder.tick()
    await expect.poll(() => recorder.status.ackedLines, { interval: 1 }).toBe(recorder.status.lines)
  }
  const all = recordKeys(new InventedTape(21).next(240))
  const places = new Map(all.map((key, i) => [key, i]))
  const copy = `${runDir}-copy`
  const pending = readdirSync(join(runDir, 'journal'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('_pending'))
  for (let i = 0; i < count; i++) {
    cpSync(join(runDir, 'manifest.json'), join(copy, 'manifest.json'), { recursive: true })
    const name = pick(pending, chance)
    for (const file of pending.filter((one) => dirname(one) === dirname(name))) {
      mkdirSync(dirname(join(copy, 'journal', file)), { recursive: true })
      cpSync(join(runDir, 'journal', file), join(copy, 'journal', file))
    }
    cpSync(join(runDir, 'journal', 'journal.json'), join(copy, 'journal', 'journal.json'))
    const path = join(copy, 'journal', name)
    const at = Math.floor(chance() * statSync(path).size)
    const isCut = chance() < 0.4
    if (isCut) truncateSync(path, at)
    else {
      const bytes = readFileSync(path)
      bytes[at]! ^= 1 << Math.floor(chance() * 8)
      writeFileSync(path, bytes)
    }
    const journal = await openJournal(copy)
    const { bytes, problems } = await readJournal(journal)
    const found = recordKeys(bytes).map((key) => places.get(key) ?? -1)
    expect(problems).toEqual([])
    expect(found.every((place, n) => place >= 0 && place > (found[n - 1] ?? -1))).toBe(true)
    expect(journal.verdict.state).not.toBe('ended')
    rmSync(copy, { recursive: true })
  }
  await recorder.finish()
  rmSync(runDir, { recursive: true })
}, 36_000_000)

import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ramFolder } from '../testing/ramFolder.ts'
import { random } from '../testing/random.ts'
import { toFailure } from '../../../shared/errors.ts'
import { storedRecords } from './storedRecords.ts'
import { testRecords, writeTestJournal } from './testJournal.ts'

/** A twentieth of `TAPEDECK_MUTATIONS`: `journalMutations` in `record/` does all of them with the journal's own reader. */
const MUTATIONS = Math.ceil(Number(process.env['TAPEDECK_MUTATIONS'] ?? 20_000) / 20)
const CHANNELS = ['instrument', 'tape_trades', 'event_window']

let dir = ''
let bundleDir = ''
let keys: readonly string[] = []
let order: ReadonlyMap<string, number>

interface Read {
  readonly keys: readonly string[]
  readonly faults: readonly string[]
}

async function read(): Promise<Read> {
  const found: string[] = []
  const faults: string[] = []
  try {
    for await (const batch of storedRecords({ bundleDir, onFault: (fault) => faults.push(fault) }))
      for (let row = 0; row < batch.count; row++) {
        const start = batch.starts[row]!
        found.push(Buffer.from(batch.bytes.subarray(start, start + batch.lengthOf(row))).toString('latin1'))
      }
  } catch (error) {
    const { code, message } = toFailure(error)
    if (!['BUNDLE_DAMAGED', 'BUNDLE_NEWER', 'BUNDLE_NOT_FOUND'].includes(code)) throw error
    faults.push(message)
  }
  return { keys: found, faults }
}

beforeAll(async () => {
  dir = mkdtempSync(join(ramFolder(), 'tapedeck-stored-mutations-'))
  bundleDir = join(dir, 'run')
  const records = [...testRecords({ markets: 1, seconds: 40, levels: 2 })].filter(({ ch }) => CHANNELS.includes(ch))
  writeTestJournal(bundleDir, records, 15)
  keys = (await read()).keys
  order = new Map(keys.map((key, i) => [key, i]))
  expect(keys).toHaveLength(records.length)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Chance = () => number

function files(): string[] {
  return readdirSync(join(bundleDir, 'journal'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(zst|json)$/.test(name))
    .map((name) => join(bundleDir, 'journal', name))
    .sort()
}

function mutated(bytes: Buffer, other: Buffer, chance: Chance): { what: string; bytes: Buffer } {
  const at = Math.floor(chance() * bytes.length)
  const kind = chance()
  if (kind < 0.55) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1 << Math.floor(chance() * 8)
    return { what: `a bit flipped at ${at}`, bytes: changed }
  }
  if (kind < 0.75) return { what: `cut at ${at}`, bytes: bytes.subarray(0, at) }
  if (kind < 0.82) return { what: `zeros from ${at}`, bytes: Buffer.from(bytes).fill(0, at) }
  if (kind < 0.86) return { what: 'empty', bytes: Buffer.alloc(0) }
  if (kind < 0.92) return { what: `more behind, from ${at}`, bytes: Buffer.concat([bytes, bytes.subarray(at)]) }
  return { what: 'another file in its place', bytes: other }
}

/** What is played was recorded, once and in this order; and when something is missing, that is said. */
async function expectTrue(what: string): Promise<'whole' | 'told'> {
  const { keys: found, faults } = await read()
  const places = found.map((key) => order.get(key) ?? -1)
  if (!places.every((place, i) => place >= 0 && place > (places[i - 1] ?? -1)))
    throw new Error(`${what}: something is played that was never recorded, or not in this order`)
  if (found.length !== keys.length && faults.length === 0)
    throw new Error(`${what}: ${keys.length - found.length} events are missing and nothing says so`)
  return faults.length > 0 ? 'told' : 'whole'
}

test(`${MUTATIONS} cuts, flips and swaps of a journal: what a recorded day plays of it is true, and what is missing is said`, async () => {
  const chance = random(41)
  const seen = { whole: 0, told: 0 }
  for (let n = 0; n < MUTATIONS; n++) {
    const all = files()
    const pick = (): string => all[Math.floor(chance() * all.length)]!
    const [path, other] = [pick(), pick()]
    const before = readFileSync(path)
    const { what, bytes } = mutated(before, readFileSync(other), chance)
    const isGone = chance() < 0.03
    if (isGone) renameSync(path, `${path}.gone`)
    else writeFileSync(path, bytes)
    try {
      seen[await expectTrue(`${path}: ${isGone ? 'gone' : what}`)]++
    } finally {
      if (isGone) renameSync(`${path}.gone`, path)
      else writeFileSync(path, before)
    }
  }
  expect(await expectTrue('restored')).toBe('whole')
  expect(seen.told).toBeGreaterThan(MUTATIONS * 0.6)
  process.stdout.write(`recorded day: ${MUTATIONS} mutations, ${seen.told} told, ${seen.whole} without any effect\n`)
}, 3_600_000)

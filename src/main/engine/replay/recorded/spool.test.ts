import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { AT_INSTRUMENT, AT_LENGTH, AT_RECV, getI64, integrity, instrument } from '../../../../shared/channels/index.ts'
import { DayNames } from './dayNames.ts'
import { Spool } from './spool.ts'
import { bytesOf } from './viewRecord.ts'

const opened: Spool[] = []
afterEach(() => {
  for (const spool of opened.splice(0)) spool.close()
})

const detail = 'x'.repeat(2_000)
const gap = (recvRelNs: number, pos: number, instrumentId: number): Uint8Array =>
  bytesOf(integrity, {
    ch: 'integrity',
    shard: 0,
    frameIdx: 1,
    pos,
    instrumentId,
    recvRelNs,
    kind: 'GAP_DETECTED',
    reason: 'none',
    resyncEpochId: 1,
    text: detail
  })
const announce = (instrumentId: number, token: string): DataView =>
  new DataView(
    bytesOf(instrument, {
      ch: 'instrument',
      shard: 0,
      frameIdx: 0,
      pos: 0,
      instrumentId,
      recvRelNs: 0,
      tickE6: 1000,
      venue: 'binance',
      text: JSON.stringify({ token_id: token })
    }).buffer as ArrayBuffer
  )

function twoRuns(): Spool {
  const runs = [
    { shiftNs: 1e9, stored: { venue: 'binance' } },
    { shiftNs: 5e9, stored: { venue: 'binance' } }
  ]
  const names = new DayNames(runs)
  names.announce(0, announce(1, 'A'), 0)
  names.announce(0, announce(2, 'B'), 0)
  names.announce(1, announce(1, 'B'), 0)
  const spool = new Spool([1e9, 5e9], names)
  opened.push(spool)
  return spool
}

test('blocks end between instants and hold every record, as recorded and in the times and numbers of the day', () => {
  const spool = twoRuns()
  const wanted: [number, number][] = []
  for (let i = 0; i < 1_200; i++) {
    // Two runs by turns, three records an instant.
    const run = i % 2
    const recv = run === 0 ? i * 1e6 : i * 1e6 - 4e9
    for (let pos = 0; pos < 3; pos++) {
      spool.append(run, gap(recv, pos, 1))
      wanted.push([1e9 + i * 1e6, run === 0 ? 1 : 2])
    }
  }
  spool.finish()
  expect(spool.blocks.length).toBeGreaterThan(4)
  const got: [number, number][] = []
  spool.blocks.forEach(({ firstRelNs, lastRelNs }, n) => {
    expect(firstRelNs).toBeGreaterThan(n === 0 ? -1 : spool.blocks[n - 1]!.lastRelNs)
    expect(spool.blockAt(firstRelNs)).toBe(n)
    expect(spool.blockAt(lastRelNs)).toBe(n)
    const { view, bytes, recorded, sections } = spool.read(n)
    for (let at = 0; at < bytes.length; at += view.getUint32(at + AT_LENGTH, true)) {
      got.push([getI64(view, at + AT_RECV), view.getUint32(at + AT_INSTRUMENT, true)])
      const asRecorded = new DataView(recorded.buffer, recorded.byteOffset)
      expect(asRecorded.getUint32(at + AT_INSTRUMENT, true)).toBe(1)
      expect(sections.filter(({ from, to }) => at >= from && at < to)).toHaveLength(1)
    }
  })
  expect(got).toEqual(wanted)
  expect(spool.blockAt(1e18)).toBe(spool.blocks.length)
})

test.runIf(process.platform !== 'win32')(
  'the temporary file has no name, so nothing of it is left however the process ends; closing twice is no fault',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapedeck-spool-'))
    vi.stubEnv('TMPDIR', folder)
    try {
      const spool = twoRuns()
      expect(readdirSync(folder)).toEqual([])
      spool.append(0, gap(0, 0, 1))
      spool.finish()
      expect(spool.read(0).bytes.length).toBeGreaterThan(0)
      spool.close()
      spool.close()
      expect(readdirSync(folder)).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      rmSync(folder, { recursive: true })
    }
  }
)

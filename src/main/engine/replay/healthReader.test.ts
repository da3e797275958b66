import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeRecord, forEachRecord, health } from '../../../shared/channels/index.ts'
import type { OpenBundle } from '../bundle/index.ts'
import { HealthReader } from './healthReader.ts'

const T0 = 98_765_432_109_876_543n
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-health-'))
  mkdirSync(join(dir, 'metrics'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const beat = (second: number): string => `{"record_type":"heartbeat","hb_mono_ns":${T0 + BigInt(second) * 1_000_000_000n},"n":${second}}`

function reader(text: string): HealthReader {
  writeFileSync(join(dir, 'metrics', 'global.ndjson'), text)
  return new HealthReader({ dir, t0MonoNs: T0 } as OpenBundle)
}

function shown(bytes: Uint8Array): [number, string][] {
  const out: [number, string][] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  forEachRecord(view, 0, bytes.length, (_id, at) => {
    const record = decodeRecord(health, view, at)
    out.push([record.recvRelNs / 1e9, record.text])
  })
  return out
}

test('each heartbeat is shown once, at its own time, as it was written', () => {
  const r = reader([1, 2, 3, 4].map(beat).join('\n') + '\n')
  expect(shown(r.until(0.5e9))).toEqual([])
  expect(shown(r.until(2e9))).toEqual([
    [1, beat(1)],
    [2, beat(2)]
  ])
  expect(shown(r.until(2e9))).toEqual([])
  expect(shown(r.until(99e9))).toEqual([
    [3, beat(3)],
    [4, beat(4)]
  ])
})

test('after a seek the heartbeat that was current then is shown, and none before it', () => {
  const r = reader([1, 2, 3, 4].map(beat).join('\n'))
  r.until(99e9)
  r.seek(2.5e9)
  expect(shown(r.until(2.5e9))).toEqual([[2, beat(2)]])
  r.seek(0)
  expect(shown(r.until(0))).toEqual([])
  expect(shown(r.until(1e9))).toEqual([[1, beat(1)]])
  r.seek(1000e9)
  expect(shown(r.until(1000e9))).toEqual([[4, beat(4)]])
})

test('a torn line, rubbish and other records are passed over', () => {
  const r = reader(`${beat(1)}\nrubbish\n{"record_type":"other"}\n\n${beat(2)}\n{"record_type":"heartbeat","hb_mo`)
  expect(shown(r.until(99e9)).map(([second]) => second)).toEqual([1, 2])
})

test('a bundle without metrics has no health, which is no fault', () => {
  rmSync(join(dir, 'metrics'), { recursive: true })
  const r = new HealthReader({ dir, t0MonoNs: T0 } as OpenBundle)
  r.seek(5)
  expect(shown(r.until(1e12))).toEqual([])
})

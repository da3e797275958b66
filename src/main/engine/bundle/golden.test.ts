import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openBundle } from './openBundle.ts'
import { encodeShard, T0_MONO_NS, T0_WALL_NS } from './testBundle.ts'
import { GOLDEN_SHARDS } from './testGolden.ts'
import { verifyRun } from './verify.ts'

const dir = fileURLToPath(new URL('../../../../e2e/samples/golden-v2', import.meta.url))

test('the golden bundle is read record by record', async () => {
  const bundle = await openBundle(dir, { readOnly: true })
  expect(bundle.verdict).toMatchObject({ state: 'ended', repairedIdx: [] })
  expect([bundle.runId, bundle.t0MonoNs, bundle.t0WallNs]).toEqual(['fixture', T0_MONO_NS, T0_WALL_NS])
  for (const [shard, records] of GOLDEN_SHARDS.entries()) {
    const reader = bundle.openReader(shard)
    const read = []
    while (reader.next())
      read.push({
        payload: reader.payload().toString('hex'),
        monoRelNs: reader.monoRelNs,
        wallRelNs: reader.wallRelNs,
        flags: reader.flags
      })
    reader.close()
    expect(read).toEqual(
      records.map(({ payload, monoRelNs, flags }) => ({
        payload: Buffer.from(payload).toString('hex'),
        monoRelNs,
        wallRelNs: monoRelNs + 7,
        flags
      }))
    )
  }
  bundle.close()
  expect(verifyRun(dir)).toMatchObject({ ok: true, totals: { records: 9 } })
})

test('the same records are still written with the same bytes', () => {
  for (const [shard, records] of GOLDEN_SHARDS.entries()) {
    const { frames, idx } = encodeShard(records)
    expect(frames.equals(readFileSync(join(dir, 'capture', `shard_0${shard}.frames`)))).toBe(true)
    expect(idx.equals(readFileSync(join(dir, 'capture', `shard_0${shard}.idx`)))).toBe(true)
  }
})

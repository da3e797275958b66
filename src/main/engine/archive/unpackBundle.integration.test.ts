import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StudioError, type ErrorCode } from '../../../shared/errors.ts'
import { unpackBundle, type UnpackOptions } from './index.ts'
import { bundleEntries, tarGzOf, tarOf, tarZstOf, zipOf, type TestEntry } from './testArchives.ts'

let dir = ''
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'tapedeck-archive-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const runs = (): string => join(dir, 'runs')
const left = (): string[] => (existsSync(runs()) ? readdirSync(runs()) : [])

function archive(bytes: Buffer, name = 'run.bin'): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}

/** Unpacks, expects one clear sentence with this code, and nothing left behind. */
async function refused(bytes: Buffer, code: ErrorCode, words: RegExp, options?: UnpackOptions): Promise<void> {
  const before = left()
  const error = await unpackBundle(archive(bytes), runs(), options).then(
    (place) => `was unpacked to ${place}`,
    (e: unknown) => e
  )
  expect(error).toBeInstanceOf(StudioError)
  expect((error as StudioError).code).toBe(code)
  expect((error as StudioError).message).toMatch(words)
  expect(left()).toEqual(before)
  expect(readdirSync(dir).filter((name) => name !== 'run.bin' && name !== 'runs')).toEqual([])
}

const packers: readonly (readonly [string, (entries: readonly TestEntry[]) => Promise<Buffer> | Buffer])[] = [
  ['.zip', (entries) => zipOf(entries)],
  ['.zip without compression', (entries) => zipOf(entries, { stored: true })],
  ['.tar', tarOf],
  ['.tar.gz', tarGzOf],
  ['.tar.zst', tarZstOf]
]

describe.each(packers)('%s', (kind, pack) => {
  test('a bundle in a folder is unpacked byte for byte under its run id, whatever the archive is called', async () => {
    const shares: number[] = []
    const place = await unpackBundle(archive(await pack(bundleEntries('deep/inside/')), 'photo.jpg'), runs(), {
      onProgress: (share) => shares.push(share)
    })
    expect(place).toBe(join(runs(), 'run-1'))
    expect(left()).toEqual(['run-1'])
    expect(readFileSync(join(place, 'capture/shard_00.frames'))).toEqual(Buffer.alloc(70_000, 'frame '))
    expect(readFileSync(join(place, 'capture/shard_00.idx'))).toEqual(Buffer.alloc(640, 1))
    expect(shares.every((share, i) => share <= 1 && share > (shares[i - 1] ?? -1))).toBe(true)
  })

  test('a bundle at the root of the archive is found, and a file manager’s additions are left out', async () => {
    const clutter = [
      { name: '__MACOSX/capture/._shard_00.frames', body: 'x' },
      { name: 'capture/._shard_00.frames', body: 'x' },
      { name: '.DS_Store', body: 'x' }
    ]
    const place = await unpackBundle(archive(await pack([...clutter, ...bundleEntries('')])), runs())
    expect(readdirSync(place).sort()).toEqual(['capture', 'manifest.json', 'runlog.ndjson'])
    expect(readdirSync(join(place, 'capture')).sort()).toEqual(['shard_00.frames', 'shard_00.idx'])
  })

  test('the same run again is the one that is there; another run with its id is refused', async () => {
    const first = await unpackBundle(archive(await pack(bundleEntries('a/'))), runs())
    expect(await unpackBundle(archive(await pack(bundleEntries('other/folder/'))), runs())).toBe(first)
    await refused(await pack(bundleEntries('a/', 'run-1', ',"t0_mono_ns":5')), 'BUNDLE_EXISTS', /Another run with the id run-1/)
    expect(left()).toEqual(['run-1'])
  })

  test.each(['../evil', 'a/../../evil', '/etc/evil', 'C:/evil', 'a\\..\\..\\evil', 'a\nb', 'con', `${'d/'.repeat(20)}x`, 'x'.repeat(230)])(
    'an entry called %j is refused and nothing is written',
    async (name) => {
      await refused(await pack([{ name, body: 'x' }, ...bundleEntries('a/')]), 'ARCHIVE_UNSAFE', /archive was refused/)
    }
  )

  test('the same name twice is refused, in other letters too, and so is a file that is also a folder', async () => {
    const words = /same name twice/
    await refused(await pack([...bundleEntries('a/'), ...bundleEntries('a/')]), 'ARCHIVE_UNSAFE', words)
    await refused(await pack([...bundleEntries('a/'), { name: 'A/MANIFEST.json', body: '{}' }]), 'ARCHIVE_UNSAFE', words)
    await refused(await pack([{ name: 'a', body: 'x' }, ...bundleEntries('a/')]), 'ARCHIVE_UNSAFE', words)
    await refused(await pack([...bundleEntries('a/'), { name: 'a', body: 'x' }]), 'ARCHIVE_UNSAFE', words)
  })

  test('no bundle, half a bundle and several bundles are told apart', async () => {
    await refused(await pack([{ name: 'readme.txt', body: 'hello' }]), 'BUNDLE_FOREIGN', /holds no run bundle/)
    await refused(await pack([{ name: 'a/manifest.json', body: '{}' }]), 'BUNDLE_FOREIGN', /holds no run bundle/)
    await refused(await pack([{ name: 'a/capture/shard_00.frames', body: 'x' }]), 'BUNDLE_FOREIGN', /holds no run bundle/)
    const two = [...bundleEntries('a/', 'run-1'), ...bundleEntries('b/', 'run-2')]
    await refused(await pack(two), 'BUNDLE_FOREIGN', /holds 2 run bundles \(a, b\)/)
  })

  test('more entries, more bytes or a larger ratio than allowed are refused', async () => {
    const many = [...bundleEntries('a/'), ...Array.from({ length: 300 }, (_, i) => ({ name: `a/f${i}`, body: '' }))]
    await refused(await pack(many), 'ARCHIVE_UNSAFE', /more than 200 entries/, { limits: { maxEntries: 200 } })
    await refused(await pack(bundleEntries('a/')), 'ARCHIVE_UNSAFE', /more than 60000 bytes/, { limits: { maxBytes: 60_000 } })
    await refused(await pack(bundleEntries('a/')), 'DISK_FULL', /does not fit on the disk/, { limits: { freeBytes: 256 * 2 ** 20 + 1000 } })
  })

  test('cut anywhere, the archive is refused as damaged', async () => {
    const whole = await pack(bundleEntries('a/'))
    const cuts = [1, 3, 20, 600, Math.floor(whole.length / 2), whole.length - 30, whole.length - 5]
    for (const cut of cuts.filter((at) => at < whole.length)) {
      const shorter = whole.subarray(0, kind === '.tar' ? Math.min(cut, whole.length - 1024) : cut)
      const error = await unpackBundle(archive(shorter), runs()).catch((e: unknown) => e)
      // The four bytes at the end of a zstd stream are its checksum: all of the content came before.
      if (kind === '.tar.zst' && cut === whole.length - 5) continue
      expect(error).toBeInstanceOf(StudioError)
      expect(['ARCHIVE_DAMAGED', 'BUNDLE_FOREIGN']).toContain((error as StudioError).code)
      expect(left()).toEqual([])
    }
  })

  test('an abort before and in the middle leaves nothing behind', async () => {
    const path = archive(await pack(bundleEntries('a/')))
    await expect(unpackBundle(path, runs(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
    const stop = new AbortController()
    const unpacking = unpackBundle(path, runs(), { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(unpacking).rejects.toMatchObject({ code: 'ABORTED' })
    expect(left()).toEqual([])
  })
})

test.each([packers[0]!, packers[4]!])('thousands of entries are fine in %s', async (_kind, pack) => {
  const many = Array.from({ length: 2000 }, (_, i) => ({ name: `a/metrics/m${i}.ndjson`, body: `${i}` }))
  const place = await unpackBundle(archive(await pack([...bundleEntries('a/'), ...many])), runs())
  expect(readdirSync(join(place, 'metrics'))).toHaveLength(2000)
})

test('links and devices are refused, in tar and in zip', async () => {
  const words = /holds a link or a device/
  const symlink: TestEntry = { name: 'a/link', type: 'symlink', linkname: '/etc/passwd' }
  await refused(await tarOf([symlink, ...bundleEntries('a/')]), 'ARCHIVE_UNSAFE', words)
  await refused(zipOf([symlink, ...bundleEntries('a/')]), 'ARCHIVE_UNSAFE', words)
  await refused(await tarOf([...bundleEntries('a/'), { name: 'a/x', type: 'link', linkname: 'a/manifest.json' }]), 'ARCHIVE_UNSAFE', words)
  await refused(await tarOf([{ name: 'a/dev', type: 'character-device' }]), 'ARCHIVE_UNSAFE', words)
  await refused(await tarOf([{ name: 'a/pipe', type: 'fifo' }]), 'ARCHIVE_UNSAFE', words)
})

test('a small archive that unpacks to very much is stopped by its ratio', async () => {
  const bomb = Buffer.alloc(80 * 2 ** 20)
  const entries = [...bundleEntries('a/'), { name: 'a/zeros', body: bomb }]
  await refused(await tarGzOf(entries), 'ARCHIVE_UNSAFE', /more than 250 times its size/)
  await refused(await tarZstOf(entries), 'ARCHIVE_UNSAFE', /more than 250 times its size/)
  await refused(zipOf(entries), 'ARCHIVE_UNSAFE', /more than 250 times its size/)
  await refused(zstdCompressSync(Buffer.concat([await tarOf(bundleEntries('a/')), bomb])), 'ARCHIVE_UNSAFE', /more than 250 times/)
})

test('a zip that lies about sizes or checksums, or asks for a password, is refused', async () => {
  await refused(zipOf(bundleEntries('a/'), { wrongCrc: true }), 'ARCHIVE_DAMAGED', /checksum of a\/manifest\.json is wrong/)
  await refused(zipOf(bundleEntries('a/'), { claimedBytes: 10 }), 'ARCHIVE_DAMAGED', /damaged or cut off/)
  await refused(zipOf(bundleEntries('a/'), { encrypted: true }), 'ARCHIVE_DAMAGED', /protected by a password/)
  await refused(zipOf([]), 'BUNDLE_FOREIGN', /holds no run bundle/)
})

/** A wrong distance back into a run of equal bytes changes nothing. */
function unpacksTo(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed)
  } catch {
    return undefined
  }
}

test('a single wrong byte inside a packed tar is found, and called damage wherever it is', async () => {
  const bytes = await tarGzOf(bundleEntries('a/'))
  // The first ten bytes are the header of gzip: with them wrong it is another kind of file.
  for (let at = 10; at < bytes.length; at += 3) {
    const wrong = Buffer.from(bytes)
    wrong[at]! ^= 0x10
    if (unpacksTo(wrong)?.equals(gunzipSync(bytes))) continue
    await refused(wrong, 'ARCHIVE_DAMAGED', /damaged or cut off/)
  }
})

test('files that are no archive of a bundle are named for what they are', async () => {
  await refused(Buffer.from('hello'), 'BUNDLE_FOREIGN', /found something else/)
  await refused(Buffer.alloc(0), 'BUNDLE_FOREIGN', /found an empty file/)
  await refused(Buffer.from('fd377a585a00000000', 'hex'), 'BUNDLE_FOREIGN', /found an \.xz archive/)
  await refused(gzipSync('{"some":"json"}\n'.repeat(1000)), 'BUNDLE_FOREIGN', /found a gzip file with something else inside/)
  await refused(zstdCompressSync('short'), 'BUNDLE_FOREIGN', /found a zstd file/)
  await expect(unpackBundle(join(dir, 'nowhere.zip'), runs())).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
  await expect(unpackBundle(dir, runs())).rejects.toBeInstanceOf(StudioError)
})

test('a run id that is no safe name is not used as one', async () => {
  const place = await unpackBundle(archive(await tarOf(bundleEntries('my run/', '../../evil')), 'export.tar.gz'), runs())
  expect(place).toBe(join(runs(), 'export'))
  const other = await unpackBundle(archive(await tarOf(bundleEntries('plain/', '.hidden'))), runs())
  expect(other).toBe(join(runs(), 'plain'))
})

test('a link planted at the target is not written through', async () => {
  mkdirSync(runs(), { recursive: true })
  mkdirSync(join(dir, 'victim'))
  symlinkSync(join(dir, 'victim'), join(runs(), 'run-1'))
  await expect(unpackBundle(archive(await tarOf(bundleEntries('a/'))), runs())).rejects.toMatchObject({ code: 'BUNDLE_EXISTS' })
  expect(readdirSync(join(dir, 'victim'))).toEqual([])
})

test('what a killed import left behind is cleared by the next one; that of a running one is not', async () => {
  mkdirSync(join(runs(), '.unpacking-999999999-abc'), { recursive: true })
  mkdirSync(join(runs(), `.unpacking-${process.ppid}-abc`))
  await unpackBundle(archive(await tarOf(bundleEntries('a/'))), runs())
  expect(left().sort()).toEqual([`.unpacking-${process.ppid}-abc`, 'run-1'])
})

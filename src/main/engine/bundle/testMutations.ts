import { crc32 } from 'node:zlib'
import fc from 'fast-check'

/** The same scan written the plain way over a whole buffer, as an oracle. */
export function plainScan(data: Buffer): {
  records: number
  errors: number
  crc_mismatch: number
  truncated: boolean
  first_bad_offset: number | null
  last_good_offset: number | null
} {
  const result = {
    records: 0,
    errors: 0,
    crc_mismatch: 0,
    truncated: false,
    first_bad_offset: null as number | null,
    last_good_offset: null as number | null
  }
  let at = 0
  while (at < data.length) {
    const fault = faultAt(data, at)
    if (fault === undefined) {
      result.records += 1
      result.last_good_offset = at
      at += recordBytes(data, at)
      continue
    }
    result.errors += 1
    result.first_bad_offset ??= at
    if (fault === 'crc') result.crc_mismatch += 1
    if (fault === 'cut') return { ...result, truncated: true }
    const next = ['PMCAPv01', 'PMCAPv02'].map((magic) => data.indexOf(magic, at + 1, 'latin1')).filter((found) => found >= 0)
    if (next.length === 0) return result
    at = Math.min(...next)
  }
  return result
}

function recordBytes(data: Buffer, at: number): number {
  return data[at + 7] === 0x32 ? 36 + data.readUInt32LE(at + 28) : 28 + data.readUInt32LE(at + 20)
}

function faultAt(data: Buffer, at: number): 'cut' | 'magic' | 'crc' | undefined {
  if (data.length - at < 8) return 'cut'
  const magic = data.toString('latin1', at, at + 8)
  if (magic !== 'PMCAPv01' && magic !== 'PMCAPv02') return 'magic'
  const header = magic === 'PMCAPv02' ? 36 : 28
  if (data.length - at < header) return 'cut'
  if (data.readUInt16LE(at + 8) !== (header === 36 ? 2 : 1)) return 'magic'
  const end = at + recordBytes(data, at)
  if (end > data.length) return 'cut'
  return crc32(data.subarray(at + header, end)) === data.readUInt32LE(at + header - 4) ? undefined : 'crc'
}

/** One to four faults in a row. */
export const mutations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), bit: fc.constant(0) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), bit: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), bit: fc.integer({ min: 1, max: 90 }) })
  ),
  { minLength: 1, maxLength: 4 }
)

type Mutation = (typeof mutations extends fc.Arbitrary<infer M> ? M : never)[number]

/** @param spare bytes of a good log, from which insertions are taken */
export function mutated(good: Buffer, spare: Buffer, faults: readonly Mutation[]): Buffer {
  let bytes = Buffer.from(good)
  for (const { kind, at, bit } of faults) {
    const place = at % Math.max(1, bytes.length)
    if (kind === 'flip' && bytes.length > 0) bytes[place]! ^= 1 << bit
    if (kind === 'cut') bytes = bytes.subarray(0, place)
    if (kind === 'remove') bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + bit)])
    if (kind === 'insert') bytes = Buffer.concat([bytes.subarray(0, place), spare.subarray(100, 100 + bit), bytes.subarray(place)])
  }
  return bytes
}

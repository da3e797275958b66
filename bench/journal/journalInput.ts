import { encodeRecord, instrument, l2Book, recordBytes, type Channel } from '../../src/shared/channels/index.ts'
import { LineWriter, TextBuffer } from '../../src/main/engine/record/index.ts'

export const RUN_ID = 'bench'
export const T0_NS = 1_763_631_000_000_000_000n
/** Events that one frame causes. */
const PER_FRAME = 2
const FRAME_NS = 40_000

/** Records of one channel in batches as the tape hands them out, and their lines in pieces, both in the same order. */
export interface JournalInput {
  readonly count: number
  readonly batches: readonly Uint8Array[]
  readonly pieces: readonly { readonly text: Uint8Array; readonly lines: number; readonly fromNs: number; readonly toNs: number }[]
  readonly textBytes: number
}

/** Changes of a few books, numbers drawn from a fixed seed. @param perBatch records in a batch */
export function journalInput(count: number, perBatch: number): JournalInput {
  const next = mulberry(14)
  const writer = new LineWriter(RUN_ID, T0_NS)
  announce(writer)
  const batches: Uint8Array[] = []
  const pieces: JournalInput['pieces'][number][] = []
  let textBytes = 0
  const text = new TextBuffer()
  for (let at = 0; at < count; at += perBatch) {
    const records = Array.from({ length: Math.min(perBatch, count - at) }, (_, i) => change(at + i, next))
    const batch = new Uint8Array(Buffer.concat(records))
    batches.push(batch)
    const view = new DataView(batch.buffer)
    let offset = 0
    for (const record of records) {
      writer.write(text, view, offset, undefined)
      offset += record.length
    }
    pieces.push({
      text: text.bytes.slice(0, text.length),
      lines: records.length,
      fromNs: timeOf(at),
      toNs: timeOf(at + records.length - 1)
    })
    textBytes += text.length
    text.reset()
  }
  return { count, batches, pieces, textBytes }
}

/** The instruments of the input as one batch. */
export function announcements(): Uint8Array {
  const facts = (id: number): string =>
    `{"token_id":"7132104567925221259462638553270691275033272857194253228963137931245558399256${id}","market_id":"0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f${id}"}`
  const place = { shard: 0, frameIdx: 0, pos: 0, recvRelNs: 0 }
  const all = [1, 2, 3, 4].map((id) =>
    bytesOf(instrument, { ch: 'instrument', ...place, instrumentId: id, tickE6: 10_000, venue: 'polymarket', text: facts(id) })
  )
  return new Uint8Array(Buffer.concat(all))
}

function announce(writer: LineWriter): void {
  const bytes = announcements()
  const view = new DataView(bytes.buffer)
  const nowhere = new TextBuffer()
  for (let at = 0; at < bytes.length; at += view.getUint32(at, true)) writer.write(nowhere, view, at, undefined)
}

function timeOf(i: number): number {
  return 1 + Math.floor(i / PER_FRAME) * FRAME_NS
}

function change(i: number, next: () => number): Uint8Array {
  const below = (n: number): number => Math.floor(next() * n)
  const levels =
    next() < 0.5
      ? { bids: [below(99) * 10_000, below(1e6) * 10_000], asks: [] }
      : { bids: [], asks: [below(99) * 10_000, below(1e6) * 10_000] }
  return bytesOf(l2Book, {
    ch: 'l2_book',
    shard: 0,
    frameIdx: 1 + Math.floor(i / PER_FRAME),
    pos: i % PER_FRAME,
    instrumentId: 1 + below(4),
    recvRelNs: timeOf(i),
    kind: 'delta',
    resyncEpochId: 1,
    exchTsMs: 1_763_631_000_000 + Math.floor(timeOf(i) / 1e6),
    bookOk: true,
    levels
  })
}

function bytesOf(channel: Channel, record: object): Uint8Array {
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

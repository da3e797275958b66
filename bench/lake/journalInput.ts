import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeRecord, instrument, l2Snap1s, recordBytes, type Channel } from '../../src/shared/channels/index.ts'
import { LineWriter, TextBuffer } from '../../src/main/engine/record/index.ts'
import { inWorkFolder } from '../workFolder.ts'
import { SeededBooks } from './seededBooks.ts'
import { SegmentFiles } from './segmentFiles.ts'

/** 2026-11-20T14:00:00Z: 09:00 in New York. */
export const ORIGIN_S = 1_795_183_200
const RUN_ID = 'bench-lake'

export interface JournalInput {
  readonly bundleDir: string
  readonly runId: string
  readonly rows: number
  readonly textBytes: number
  /** Segments of l2_snap_1s, absolute. */
  readonly segments: readonly string[]
  readonly tokens: readonly string[]
  readonly seconds: number
}

/**
 * A journal of 1 s books, 20 levels a side, as the recorder writes it: lines, zstd level 1, segments of ten minutes. Made once and kept until
 * the recorder writes its lines otherwise.
 */
export function journalInput(markets: number, seconds: number): JournalInput {
  const tokens = Array.from({ length: markets }, (_, m) => createHash('sha256').update(`token ${m}`).digest('hex').replace(/\D/g, '7'))
  const spelling = createHash('sha256').update(firstLines(tokens)).digest('hex').slice(0, 8)
  const bundleDir = inWorkFolder(`lake-journal-${markets}x${seconds}-${spelling}`)
  const done = existsSync(bundleDir)
  const dir = done ? bundleDir : `${bundleDir}.new`
  if (!done) rmSync(dir, { recursive: true, force: true })
  const made = done ? readFacts(dir) : writeJournal(dir, tokens, seconds)
  if (!done) renameSync(dir, bundleDir)
  return { bundleDir, runId: RUN_ID, ...made, segments: made.segments.map((path) => join(bundleDir, 'journal', path)), tokens, seconds }
}

/** One line of each channel that is written. */
function firstLines(tokens: readonly string[]): Uint8Array {
  const writer = new LineWriter(RUN_ID, BigInt(ORIGIN_S) * 1_000_000_000n)
  const out = new TextBuffer()
  announce(writer, out, tokens[0]!, 0)
  put(writer, out, l2Snap1s, { ...place(1, 0, 1), ...new SeededBooks(1).next(ORIGIN_S + 1, 0) })
  return out.bytes.subarray(0, out.length)
}

interface Facts {
  readonly rows: number
  readonly textBytes: number
  readonly segments: readonly string[]
}

function readFacts(dir: string): Facts {
  return JSON.parse(readFileSync(join(dir, 'facts.json'), 'utf8')) as Facts
}

function writeJournal(dir: string, tokens: readonly string[], seconds: number): Facts {
  const origin = BigInt(ORIGIN_S) * 1_000_000_000n
  const writer = new LineWriter(RUN_ID, origin)
  const journal = new SegmentFiles(join(dir, 'journal'))
  const out = new TextBuffer()
  tokens.forEach((token, m) => announce(writer, out, token, m))
  journal.write('instrument', 0, 0, tokens.length, out)
  const books = new SeededBooks(tokens.length)
  let rows = 0
  let textBytes = 0
  for (let second = 1; second <= seconds; second++) {
    tokens.forEach((_, m) => put(writer, out, l2Snap1s, { ...place(second, m, m + 1), ...books.next(ORIGIN_S + second, m) }))
    rows += tokens.length
    if (second % 600 !== 0 && second !== seconds) continue
    textBytes += out.length
    journal.write('l2_snap_1s', second - ((second - 1) % 600), second, (((second - 1) % 600) + 1) * tokens.length, out)
  }
  writeFileSync(
    join(dir, 'journal', 'journal.json'),
    JSON.stringify({
      schema_version: 1,
      run_id: RUN_ID,
      t0_wall_ns_utc: String(origin),
      venue: 'polymarket',
      keep: 'light',
      recorder_version: 1
    })
  )
  const facts = { rows, textBytes, segments: journal.paths('l2_snap_1s') }
  journal.end()
  writeFileSync(join(dir, 'facts.json'), JSON.stringify(facts))
  return facts
}

function announce(writer: LineWriter, out: TextBuffer, token: string, m: number): void {
  const text = JSON.stringify({ token_id: token, market_id: `0x${token.slice(0, 64)}` })
  put(writer, out, instrument, { ...place(0, m, m + 1), tickE6: 1000, venue: 'polymarket', text })
}

function place(second: number, pos: number, instrumentId: number) {
  return { shard: 0, frameIdx: second, pos, instrumentId, recvRelNs: second * 1e9 }
}

function put(writer: LineWriter, out: TextBuffer, channel: Channel, record: object): void {
  const bytes = new Uint8Array(recordBytes(channel, record))
  const view = new DataView(bytes.buffer)
  encodeRecord(channel, record as never, view, 0)
  writer.write(out, view, 0, undefined)
}

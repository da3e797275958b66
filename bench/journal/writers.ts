import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { MessageChannel, Worker } from 'node:worker_threads'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { ChannelJournal } from '../../src/main/engine/record/channelJournal.ts'
import { RecordLink } from '../../src/main/engine/record/index.ts'
import { hostRecordDisk } from '../../src/main/engine/record/recordDisk.ts'
import { workerEntry } from '../../src/main/engine/threads/workerEntry.ts'
import type { Work } from '../measure.ts'
import { announcements, RUN_ID, T0_NS, type JournalInput } from './journalInput.ts'

const TICK_MS = 500

/** The limit: the lines through one zstd stream into a file, synced at the end. */
export async function writeBare(path: string, { pieces, count }: JournalInput): Promise<Work> {
  rmSync(path, { force: true })
  const begun = performance.now()
  const fd = openSync(path, 'w')
  const zstd = createZstdCompress({
    chunkSize: 64 * 1024,
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 }
  })
  zstd.on('data', (out: Buffer) => void writeSync(fd, out))
  for (const { text } of pieces) await new Promise<void>((resolve) => void zstd.write(text, () => resolve()))
  await new Promise<void>((resolve) => {
    zstd.once('end', resolve)
    zstd.end()
  })
  fdatasyncSync(fd)
  closeSync(fd)
  return { count, seconds: (performance.now() - begun) / 1000 }
}

/** The same lines through the journal of a channel: checkpoints twice a second, hash, manifest. */
export async function writeJournalLines(root: string, { pieces, count }: JournalInput): Promise<Work> {
  rmSync(root, { recursive: true, force: true })
  const begun = performance.now()
  let wake: (() => void) | undefined
  const journal = new ChannelJournal({
    disk: hostRecordDisk,
    root,
    channel: 'l2_book',
    segmentNs: 900e9,
    segmentBytes: 1 << 26,
    stamp: () => '20251120_093000',
    nowText: () => '2025-11-20T09:30:00Z',
    onFault: (_channel, error) => {
      throw error
    },
    onProgress: () => wake?.()
  })
  const ticking = setInterval(() => journal.tick(0), TICK_MS)
  for (const { text, lines, fromNs, toNs } of pieces) {
    journal.queue.expect('2025-11-20')
    journal.queue.tail.put(text)
    if (journal.queue.added(fromNs, lines, toNs)) journal.kick()
    while (journal.queuedBytes > 8 << 20) await new Promise<void>((resolve) => (wake = resolve))
  }
  await journal.finish()
  clearInterval(ticking)
  return { count, seconds: (performance.now() - begun) / 1000 }
}

export interface ThreadWork extends Work {
  /** p99 of the producer's event loop, ms. */
  readonly delayP99Ms: number
}

/** Records through the link and the recorder thread, as fast as its credit allows; the producer never lets one be missed. */
export async function writeThroughThread(runDir: string, { batches, count }: JournalInput): Promise<ThreadWork> {
  const recorder = await startRecorder(runDir)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begun = performance.now()
  recorder.link.record(announcements(), announcements().length)
  for (const batch of batches) {
    recorder.link.record(batch, batch.length)
    while (recorder.owed() > 16 << 20) await recorder.credited()
  }
  const ok = await recorder.end()
  const seconds = (performance.now() - begun) / 1000
  delay.disable()
  if (!ok) throw new Error('the recorder did not keep everything')
  return { count, seconds, delayP99Ms: delay.percentile(99) / 1e6 }
}

export interface PacedTimes {
  readonly calls: number
  /** record() alone, and flush(), which hands over to the other thread: p99 and longest, ms. */
  readonly record: { readonly p99Ms: number; readonly maxMs: number }
  readonly flush: { readonly p99Ms: number; readonly maxMs: number }
  readonly delayP99Ms: number
}

/** record() at a steady pace, every 5 ms, and flush() at every third, as the tape thread does it. */
export async function paced(runDir: string, input: JournalInput, seconds: number): Promise<PacedTimes> {
  const recorder = await startRecorder(runDir)
  recorder.link.record(announcements(), announcements().length)
  const record: number[] = []
  const flush: number[] = []
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begun = performance.now()
  for (let i = 0; performance.now() - begun < seconds * 1000; i++) {
    const batch = input.batches[i % input.batches.length]!
    record.push(millisecondsOf(() => recorder.link.record(batch, batch.length)))
    if (i % 3 === 0) flush.push(millisecondsOf(() => recorder.link.flush()))
    const due = begun + (i + 1) * 5
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
  }
  delay.disable()
  if (!(await recorder.end())) throw new Error('the recorder did not keep everything')
  return { calls: record.length, record: tail(record), flush: tail(flush), delayP99Ms: delay.percentile(99) / 1e6 }
}

function millisecondsOf(work: () => void): number {
  const before = performance.now()
  work()
  return performance.now() - before
}

function tail(times: readonly number[]): { p99Ms: number; maxMs: number } {
  const sorted = times.toSorted((a, b) => a - b)
  return { p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? NaN, maxMs: sorted.at(-1) ?? NaN }
}

interface RunningRecorder {
  readonly link: RecordLink
  readonly owed: () => number
  /** Settles at the next credit. */
  readonly credited: () => Promise<void>
  readonly end: () => Promise<boolean>
}

async function startRecorder(runDir: string): Promise<RunningRecorder> {
  rmSync(runDir, { recursive: true, force: true })
  const worker = new Worker(workerEntry('record'))
  const { port1, port2 } = new MessageChannel()
  const settings = { keep: 'all', segmentSeconds: 900, segmentBytes: 1 << 26 }
  worker.postMessage({ kind: 'start', port: port1, settings }, [port1])
  port2.postMessage({ kind: 'begin', run: { runDir, runId: RUN_ID, venue: 'polymarket', t0WallNs: T0_NS } })
  let owed = 0
  let missed = 0
  let wake: () => void = () => undefined
  const link = new RecordLink({
    keep: 'all',
    runId: RUN_ID,
    originTsNs: T0_NS,
    creditBytes: 32 << 20,
    send: (bytes) => {
      owed += bytes.length
      port2.postMessage({ kind: 'records', bytes, sentNs: 0 }, [bytes.buffer as ArrayBuffer])
    },
    miss: () => missed++
  })
  const credited = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  port2.on('message', ({ bytes }: { bytes: number }) => {
    owed -= bytes
    link.grant(bytes)
    wake()
  })
  // The thread is up before anything is timed.
  await credited()
  return {
    link,
    owed: () => owed,
    credited,
    end: async () => {
      link.end()
      port2.postMessage({ kind: 'end' })
      const ok = await new Promise<boolean>((resolve) =>
        worker.on('message', (event: { kind: string; ok: boolean }) => {
          if (event.kind === 'ended') resolve(event.ok)
        })
      )
      await worker.terminate()
      port2.close()
      return ok && missed === 0
    }
  }
}

/** SHA-256 over the text of one file, or of all segments of a journal's channel in order. */
export async function textDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  const files = path.endsWith('.zst')
    ? [path]
    : readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.includes('l2_book') && name.endsWith('.zst'))
        .sort(byStart)
        .map((name) => join(path, name))
  for (const file of files) {
    const text = createZstdDecompress()
    text.end(readFileSync(file))
    for await (const piece of text) hash.update(piece as Buffer)
  }
  return hash.digest('hex')
}

function byStart(a: string, b: string): number {
  const start = (name: string): number => Number(/_(\d+)\.jsonl/.exec(name)?.[1] ?? 0)
  return start(a) - start(b)
}

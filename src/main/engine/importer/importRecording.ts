import { rmSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { detectRecording, readBinanceRecording, readPolymarketRecording, type RecordingKind } from '../practice/index.ts'
import { RunWriter } from './runWriter.ts'
import { sealRun } from './sealRun.ts'

const PROGRESS_EVERY = 10_000

export interface ImportOptions {
  /** One recording: its parts, in order. */
  readonly files: readonly string[]
  readonly dir: string
  readonly runId: string
  readonly signal?: AbortSignal
  /** Called now and then with the number of messages so far. */
  readonly onProgress?: (messages: number) => void
}

export interface ImportResult {
  readonly dir: string
  readonly frames: number
}

/**
 * Turns a raw recording of a kind that is known into a run bundle with the fingerprint of its replay.
 * @throws StudioError FILE_FAILED, BUNDLE_EXISTS, ABORTED; nothing is left behind then
 */
export async function importRecording(
  options: ImportOptions
): Promise<ImportResult & { readonly venue: RecordingKind; readonly fingerprint: string }> {
  const venue = await detectRecording(options.files[0]!)
  const result = await (venue === 'binance' ? importBinance : importPolymarket)(options)
  try {
    return { ...result, venue, fingerprint: await sealRun(options.dir, options.signal) }
  } catch (error) {
    if (options.signal?.aborted !== true) throw error
    rmSync(options.dir, { recursive: true, force: true })
    throw stopped(result.frames)
  }
}

function stopped(messages: number): StudioError {
  return new StudioError('ABORTED', `Stopped before the end, after ${messages} messages; nothing of them was kept.`)
}

/** Counts a message. @throws StudioError ABORTED at the signal */
function counted(frames: number, { signal, onProgress }: ImportOptions): number {
  if (signal?.aborted === true) throw stopped(frames)
  if ((frames + 1) % PROGRESS_EVERY === 0) onProgress?.(frames + 1)
  return frames + 1
}

/**
 * Turns a raw Binance recording (`<local ns> <json>` lines, combined streams and depth snapshots) into a run bundle.
 * The recorder's own times are kept; the symbol of a snapshot is that of the stream message before it.
 * @throws StudioError FILE_FAILED, BUNDLE_EXISTS, ABORTED; nothing is left behind then
 */
export async function importBinance(options: ImportOptions): Promise<ImportResult> {
  let writer: RunWriter | undefined
  let t0 = 0n
  let frames = 0
  let symbol = ''
  let relNs = 0
  const symbols = new Set<string>()
  try {
    for await (const line of readBinanceRecording(options.files)) {
      if (line.kind === 'stream') symbol = /"stream":"([^"@]+)@/.exec(line.text)?.[1]?.toUpperCase() ?? symbol
      if (symbol === '')
        throw new StudioError('FILE_FAILED', `The recording should begin with a stream message that names its symbol: ${options.files[0]}`)
      if (writer === undefined) {
        t0 = line.localNs
        const facts = { synthetic: false, venue: 'binance', source: `${symbol}, imported recording` } as const
        writer = new RunWriter({ dir: options.dir, runId: options.runId, t0WallNs: t0, shards: 1, facts })
      }
      relNs = Number(line.localNs - t0)
      if (!symbols.has(symbol)) writer.note(0, openNote(symbol), relNs)
      symbols.add(symbol)
      if (line.kind === 'stream') writer.message(0, line.text, relNs)
      else writer.rest(0, { kind: 'depth', key: symbol, url: 'recording' }, line.text, relNs)
      frames = counted(frames, options)
    }
    return finished(writer, options, frames, relNs)
  } catch (error) {
    writer?.abandon()
    throw error
  }
}

function openNote(symbol: string): object {
  const streams = ['depth@100ms', 'trade', 'bookTicker'].map((name) => `${symbol.toLowerCase()}@${name}`)
  return { note: 'conn_open', venue: 'binance', url: 'recording', streams }
}

/**
 * Turns a Polymarket market-channel recording (one frame a line, no receive times) into a run bundle.
 * Receive times are the venue's own times, since the recording has no others.
 * @throws StudioError FILE_FAILED, BUNDLE_EXISTS, ABORTED; nothing is left behind then
 */
export async function importPolymarket(options: ImportOptions): Promise<ImportResult> {
  let writer: RunWriter | undefined
  let t0Ms = 0
  let frames = 0
  let relNs = 0
  try {
    for (const file of options.files) {
      for await (const { text } of readPolymarketRecording(file)) {
        const stampMs = Number(/"timestamp": ?"(\d{1,15})"/.exec(text)?.[1] ?? t0Ms)
        if (writer === undefined) {
          t0Ms = stampMs
          const facts = { synthetic: false, venue: 'polymarket', source: 'Polymarket, imported recording' } as const
          writer = new RunWriter({ dir: options.dir, runId: options.runId, t0WallNs: BigInt(t0Ms) * 1_000_000n, shards: 1, facts })
          writer.note(0, { note: 'conn_open', venue: 'polymarket', url: 'recording', tokens: [] }, 0)
        }
        relNs = Math.max(relNs, (stampMs - t0Ms) * 1e6)
        writer.message(0, text, relNs)
        frames = counted(frames, options)
      }
    }
    return finished(writer, options, frames, relNs)
  } catch (error) {
    writer?.abandon()
    throw error
  }
}

function finished(writer: RunWriter | undefined, options: ImportOptions, frames: number, relNs: number): ImportResult {
  if (writer === undefined)
    throw new StudioError('FILE_FAILED', `The recording holds no message, so there is nothing to import: ${options.files[0]}`)
  writer.note(0, { note: 'conn_closed', venue: writer.venue, trigger: 'stop' }, relNs)
  writer.close()
  return { dir: options.dir, frames }
}

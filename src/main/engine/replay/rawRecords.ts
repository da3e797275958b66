import { openBundle, type OpenBundle } from '../bundle/index.ts'
import { KeepFilter, type Keep } from '../record/index.ts'
import { OutBuffer } from '../tape/index.ts'
import { HealthReader } from './healthReader.ts'
import { runOfBundle, TapeRun } from './runTape.ts'

const SLICE_FRAMES = 5000

export interface RawRecordsOptions {
  readonly keep: Keep
  /** Put the heartbeats among the records, as a journal has them. */
  readonly withHealth?: boolean
  readonly signal?: AbortSignal | undefined
  /** Called now and then with the share that is done, 0..1. */
  readonly onProgress?: (share: number) => void
}

/** What a recorder keeps of a run, derived anew from its raw bytes: whole records in the order of the tape. */
export async function* rawRecords(bundle: OpenBundle, options: RawRecordsOptions): AsyncGenerator<Uint8Array> {
  const out = new OutBuffer()
  const filter = new KeepFilter(options.keep)
  const onRecords = (bytes: Uint8Array, length: number): void => filter.take(bytes, length, out)
  const run = new TapeRun(runOfBundle(bundle), { onRecords, withoutFingerprint: true, readAhead: true })
  const health = options.withHealth === true ? new HealthReader(bundle) : undefined
  const frames = bundle.shards.reduce((sum, log) => sum + log.records, 0)
  try {
    for (let n = SLICE_FRAMES; n === SLICE_FRAMES;) {
      options.signal?.throwIfAborted()
      n = run.advance(Infinity, SLICE_FRAMES)
      run.tape.drain()
      const beats = health?.until(n < SLICE_FRAMES ? Infinity : run.tape.recvRelNs)
      if (beats !== undefined) out.append(beats, 0, beats.length)
      if (out.length > 0) yield out.take()
      options.onProgress?.(run.tape.frames / Math.max(1, frames))
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    run.close()
  }
}

/** Opens a bundle for one piece of work. */
export async function withBundle<T>(runDir: string, work: (bundle: OpenBundle) => Promise<T>): Promise<T> {
  const bundle = await openBundle(runDir)
  try {
    return await work(bundle)
  } finally {
    bundle.close()
  }
}

import { AT_LENGTH, AT_RECV, AT_WIRE_ID, CHANNELS, getI64 } from '../../../../shared/channels/index.ts'
import type { OpenBundle } from '../../bundle/index.ts'
import { findStoredRun, storedRecords, type RelSpan } from '../../lake/index.ts'
import { compareRecords, type Keep, type RecordsDiffer } from '../../record/index.ts'
import { rawRecords } from '../rawRecords.ts'

/** A stretch that retention deleted from journal and lake: there is nothing to compare. Receive times, ns since the run's origin. */
export interface Deleted {
  readonly channel: string
  readonly from_t: number
  readonly to_t: number
  readonly lines: number
}

/** What was recorded of a run beside what its raw bytes give today. */
export interface Rederived extends RecordsDiffer {
  readonly equal: boolean
  readonly stored_in: 'journal' | 'parquet' | 'both'
  readonly keep: Keep
  /** What was recorded and cannot be read, in sentences. */
  readonly problems: readonly string[]
  /** What is damaged and was read from another place, in sentences. */
  readonly notes: readonly string[]
  readonly deleted: readonly Deleted[]
}

export interface RederiveOptions {
  readonly bundle: OpenBundle
  readonly lakeDir: string | undefined
  readonly keep: Keep
  /** Left out: the whole run. */
  readonly span?: RelSpan | undefined
  readonly signal?: AbortSignal | undefined
}

const BYTE_CHANNELS = new Map<number, string>(CHANNELS.map(({ name, wireId }) => [wireId, name]))
/** Heartbeats are what the plant saw of itself: no raw bytes give them. */
const DERIVED = CHANNELS.map(({ name }): string => name).filter((name) => name !== 'health')

/** Compares what was recorded, in journal or Parquet, whichever there is, with what the raw bytes give. @returns undefined when nothing was recorded */
export async function rederive(options: RederiveOptions): Promise<Rederived | undefined> {
  const { bundle, span, keep, signal } = options
  const places = { bundleDir: bundle.dir, lakeDir: options.lakeDir, runId: bundle.runId }
  const stored = findStoredRun(places)
  if (stored === undefined) return undefined
  const problems: string[] = []
  const notes: string[] = []
  const onFault = (sentence: string): void => {
    if (!problems.includes(sentence)) problems.push(sentence)
  }
  const deleted = stored.deleted.map(({ channel, startRelNs, endRelNs, lines }): Deleted => ({
    channel,
    from_t: startRelNs,
    to_t: endRelNs,
    lines
  }))
  const wants = wantedBy(span, deleted)
  const recorded = bytesOf(storedRecords({ ...places, span, channels: DERIVED, onFault, onNote: (note) => notes.push(note), signal }))
  const { same, counts, differences } = await compareRecords(recorded, chosen(rawRecords(bundle, { keep, signal }), wants))
  const kinds = new Set(stored.channels.flatMap(({ pieces }) => pieces.map(({ kind }) => kind)))
  return {
    equal: Object.keys(counts).length === 0 && problems.length === 0,
    stored_in: kinds.size > 1 ? 'both' : kinds.has('parquet') ? 'parquet' : 'journal',
    keep,
    same,
    counts,
    differences,
    problems,
    notes,
    deleted
  }
}

function wantedBy(span: RelSpan | undefined, deleted: readonly Deleted[]): (view: DataView, at: number) => boolean {
  const { fromRelNs, toRelNs } = span ?? { fromRelNs: -Infinity, toRelNs: Infinity }
  const gone = new Map<string, Deleted[]>()
  for (const one of deleted) gone.set(one.channel, [...(gone.get(one.channel) ?? []), one])
  return (view, at) => {
    const recv = getI64(view, at + AT_RECV)
    if (recv < fromRelNs || recv >= toRelNs) return false
    const stretches = gone.size === 0 ? undefined : gone.get(BYTE_CHANNELS.get(view.getUint8(at + AT_WIRE_ID)) ?? '')
    return stretches === undefined || !stretches.some(({ from_t: from, to_t: to }) => recv >= from && recv <= to)
  }
}

/** Neighbours that are wanted come as one piece. */
async function* chosen(source: AsyncIterable<Uint8Array>, wants: (view: DataView, at: number) => boolean): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let from = 0
    for (let at = 0; at < bytes.length;) {
      const end = at + view.getUint32(at + AT_LENGTH, true)
      if (!wants(view, at)) {
        if (at > from) yield bytes.subarray(from, at)
        from = end
      }
      at = end
    }
    if (bytes.length > from) yield bytes.subarray(from)
  }
}

async function* bytesOf(batches: AsyncIterable<{ readonly bytes: Uint8Array; readonly used: number }>): AsyncGenerator<Uint8Array> {
  for await (const { bytes, used } of batches) if (used > 0) yield bytes.subarray(0, used)
}

import { AT_LENGTH, AT_RECV, AT_WIRE_ID, CHANNELS, getI64 } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { mergedRecords } from './mergedRecords.ts'
import { RecordBatch } from './recordBatch.ts'
import { damageOf, newTrust, storedRecords, wantsChannel, type StoredRecordsOptions, type StoredTrust } from './storedRecords.ts'
import { findStoredRun } from './storedRun.ts'

/** Whole records, each stream in the order of the tape. */
export type RecordStreams = readonly AsyncIterable<Uint8Array>[]

export interface RecordedEventsOptions extends StoredRecordsOptions {
  /**
   * Derives the same events from the frame log. Asked for only when neither journal nor lake has all that is wanted; gives nothing where the
   * log cannot stand for them.
   */
  readonly raw?: (() => Promise<RecordStreams | undefined>) | undefined
}

/**
 * The recorded events of a run, from whichever storage there is: Parquet, journal or raw frames, the next one where one is damaged, which
 * `onNote` is told. The same bytes from each. Stations are kept apart by the lake only; channels and the span hold for all.
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_DAMAGED, ABORTED
 */
export async function* recordedEvents(given: RecordedEventsOptions): AsyncGenerator<RecordBatch> {
  const options = { ...given, trust: given.trust ?? newTrust(given.lakeDir) }
  const derived = await derivedInstead(options)
  if (derived === undefined) return yield* storedRecords(options)
  yield* mergedRecords(derived.map((stream) => wantedRecords(stream, options)))
}

/** @returns undefined when journal and lake are to be read: they have everything, or there is nothing else */
async function derivedInstead(options: RecordedEventsOptions & { readonly trust: StoredTrust }): Promise<RecordStreams | undefined> {
  const run = findStoredRun(options)
  if (run === undefined) {
    const derived = await options.raw?.()
    if (derived !== undefined) return derived
    throw new StudioError('BUNDLE_NOT_FOUND', 'This run has neither a journal, nor anything in the lake, nor a frame log.')
  }
  if (options.raw === undefined) return undefined
  const fault = run.faults[0] ?? (await damageOf(run, options))
  const derived = fault === undefined ? undefined : await options.raw()
  if (derived !== undefined) options.onNote?.(`${fault} The frame log of the run is read instead, so nothing is missing.`)
  return derived
}

async function* wantedRecords(stream: AsyncIterable<Uint8Array>, options: RecordedEventsOptions): AsyncGenerator<RecordBatch> {
  const wants = wantedBy(options)
  const toRelNs = options.span?.toRelNs ?? Infinity
  for await (const bytes of stream) {
    options.signal?.throwIfAborted()
    const batch = new RecordBatch(Math.max(64, bytes.length))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length;) {
      const end = at + view.getUint32(at + AT_LENGTH, true)
      if (wants(view, at)) batch.push(bytes.subarray(at, end))
      at = end
    }
    if (batch.count > 0) yield batch
    if (bytes.length > 0 && getI64(view, AT_RECV) >= toRelNs) return
  }
}

function wantedBy(options: RecordedEventsOptions): (view: DataView, at: number) => boolean {
  const wireIds = new Set<number>(CHANNELS.filter(({ name }) => wantsChannel(options, name)).map(({ wireId }) => wireId))
  const { fromRelNs, toRelNs } = options.span ?? { fromRelNs: -Infinity, toRelNs: Infinity }
  return (view, at) => {
    const recv = getI64(view, at + AT_RECV)
    return recv >= fromRelNs && recv < toRelNs && wireIds.has(view.getUint8(at + AT_WIRE_ID))
  }
}

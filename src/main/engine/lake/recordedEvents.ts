import { AT_LENGTH, AT_RECV, AT_WIRE_ID, CHANNELS, getI64 } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { PartTrust } from './partTrust.ts'
import { RecordBatch } from './recordBatch.ts'
import { storedRecords, wantsChannel, type StoredRecordsOptions } from './storedRecords.ts'
import { findStoredRun, type StoredRun } from './storedRun.ts'

export interface RecordedEventsOptions extends StoredRecordsOptions {
  /**
   * Derives the same events from the frame log, whole records in the order of the tape. Asked for only when neither journal nor lake has the
   * whole run. Undefined: there is no frame log.
   */
  readonly raw?: (() => AsyncIterable<Uint8Array>) | undefined
}

export type RecordedFrom = 'stored' | 'raw'

/**
 * Which storage `recordedEvents` reads: journal and lake when they have everything, else the frame log. Parquet that has neither a journal nor
 * the frame log behind it is not looked at before it is read.
 * @throws StudioError BUNDLE_NOT_FOUND
 */
export async function recordedFrom(options: RecordedEventsOptions): Promise<RecordedFrom> {
  const run = findStoredRun(options)
  if (options.raw === undefined) {
    if (run !== undefined) return 'stored'
    throw new StudioError('BUNDLE_NOT_FOUND', 'This run has neither a journal, nor anything in the lake, nor a frame log.')
  }
  const fault = run === undefined ? undefined : (run.faults[0] ?? (await damageOf(run, options)))
  if (fault !== undefined) options.onNote?.(`${fault} The frame log is read instead, so nothing is missing.`)
  return run === undefined || fault !== undefined ? 'raw' : 'stored'
}

/** @returns why a wanted part is not as it was proved, where no journal can take its place */
async function damageOf({ channels }: StoredRun, options: RecordedEventsOptions): Promise<string | undefined> {
  const pieces = channels.filter(({ channel }) => wantsChannel(options, channel.name)).flatMap((channel) => channel.pieces)
  const trust = options.trust ?? new PartTrust(options.lakeDir ?? '')
  try {
    for (const piece of pieces)
      if (piece.kind === 'parquet' && piece.journal === undefined) for (const part of piece.parts) await trust.check(part)
    return undefined
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'BUNDLE_DAMAGED') throw error
    return error.message
  }
}

/**
 * The recorded events of a run, from whichever storage there is: Parquet, journal or raw frames. The same bytes from each. Stations are kept
 * apart by the lake only; channels and the span hold for all.
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_DAMAGED, ABORTED
 */
export async function* recordedEvents(given: RecordedEventsOptions): AsyncGenerator<RecordBatch> {
  const options = { ...given, trust: given.trust ?? new PartTrust(given.lakeDir ?? '') }
  if ((await recordedFrom(options)) === 'stored') return yield* storedRecords(options)
  const wants = wantedBy(options)
  for await (const bytes of options.raw!()) {
    options.signal?.throwIfAborted()
    const batch = new RecordBatch(Math.max(64, bytes.length))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length;) {
      const end = at + view.getUint32(at + AT_LENGTH, true)
      if (wants(view, at)) batch.push(bytes.subarray(at, end))
      at = end
    }
    if (batch.count > 0) yield batch
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

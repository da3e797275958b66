import {
  AT_LENGTH,
  AT_WIRE_ID,
  CHANNELS,
  eventWindow,
  l2Book,
  l2DeltasEventWindow,
  tapeTrades,
  type ChannelName
} from '../../../shared/channels/index.ts'
import type { OutBuffer } from '../tape/index.ts'
import { OpenWindows } from './openWindows.ts'

/** `all`: every event. `light`: seconds, world and integrity always, trades and changes of books inside event windows only. */
export type Keep = 'light' | 'all'

const ALWAYS: ReadonlySet<ChannelName> = new Set([
  'instrument',
  'station',
  'l2_snap_1s',
  'integrity',
  'event_window',
  'metar_obs',
  'pws_cluster',
  'features_1m',
  'nowcast_1m',
  'health'
])

/** Which channels a journal of this kind has. */
export function keptChannels(keep: Keep): readonly ChannelName[] {
  return CHANNELS.filter(({ name, scope }) =>
    keep === 'all'
      ? scope === 'tape' || scope === 'plant'
      : ALWAYS.has(name) || name === tapeTrades.name || name === l2DeltasEventWindow.name
  ).map(({ name }) => name)
}

/**
 * Says what of the tape is recorded. Depends on nothing but the records in the order of the tape: recording live and deriving again from the
 * raw bytes keep the same.
 */
export class KeepFilter {
  readonly #windows = new OpenWindows()
  /** By wire id. */
  readonly #always: readonly boolean[]
  readonly #keepsAll: boolean

  constructor(keep: Keep) {
    this.#keepsAll = keep === 'all'
    const always: boolean[] = []
    for (const { name, scope, wireId } of CHANNELS)
      always[wireId] = this.#keepsAll ? scope === 'tape' || scope === 'plant' : ALWAYS.has(name)
    this.#always = always
  }

  save(): ReturnType<OpenWindows['save']> {
    return this.#windows.save()
  }

  restore(saved: ReturnType<OpenWindows['save']>): void {
    this.#windows.restore(saved)
  }

  /** Appends the records that are kept, of whole records in bytes [0, length). A window's START and END are inside it. */
  take(bytes: Uint8Array, length: number, out: OutBuffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    const isKept = this.#always
    let from = 0
    let at = 0
    while (at < length) {
      const wireId = view.getUint8(at + AT_WIRE_ID)
      const end = at + view.getUint32(at + AT_LENGTH, true)
      if (!isKept[wireId]) {
        // Neighbours are copied together.
        if (at > from) out.append(bytes, from, at)
        if (this.#windows.isOpen) inWindow(bytes, at, end, wireId, out)
        from = end
      } else if (wireId === eventWindow.wireId && !this.#keepsAll) this.#windows.take(view, at)
      at = end
    }
    if (at > from) out.append(bytes, from, at)
  }
}

function inWindow(bytes: Uint8Array, at: number, end: number, wireId: number, out: OutBuffer): void {
  if (wireId === tapeTrades.wireId) return out.append(bytes, at, end)
  if (wireId !== l2Book.wireId) return
  const copy = bytes.slice(at, end)
  copy[AT_WIRE_ID] = l2DeltasEventWindow.wireId
  out.append(copy, 0, copy.length)
}

import { fieldBytes, type Field, type Levels, type Tail } from './fields.ts'

/**
 * Header of every record, 32 bytes, little endian. Offsets are from the record's first byte:
 * 0 u32 byte length of the whole record · 4 u8 channel wire id · 5 u8 channel version · 6 u16 shard ·
 * 8 u32 frame index in the shard · 12 u32 position among the events of that frame · 16 u32 instrument id (0 = none) ·
 * 20 u32 presence bits of the optional fields, in declared order · 24 i64 receive time, ns since the run's origin.
 */
export const HEADER_BYTES = 32
export const AT_LENGTH = 0
export const AT_WIRE_ID = 4
export const AT_VERSION = 5
export const AT_SHARD = 6
export const AT_FRAME_IDX = 8
export const AT_POS = 12
export const AT_INSTRUMENT = 16
export const AT_PRESENT = 20
export const AT_RECV = 24

/** Where a record comes from: which frame caused it, and for which instrument. */
export interface RecordHeader {
  readonly shard: number
  readonly frameIdx: number
  /** Position among the events of the frame, from 0. */
  readonly pos: number
  /** Number of the instrument in this run, announced by an `instrument` record; 0 = none. */
  readonly instrumentId: number
  /** Receive time of the causing frame, ns since the run's origin. */
  readonly recvRelNs: number
}

type Fields = Readonly<Record<string, Field>>

export interface ChannelSpec<N extends string, F extends Fields, T extends Tail | undefined> {
  readonly name: N
  readonly version: number
  /** Never reused, never renumbered. */
  readonly wireId: number
  readonly doc: string
  /**
   * `tape`: an event of the tape, in the fingerprint. `plant`: what the plant observed of itself, recorded but not in the fingerprint.
   * `view`: derived for the screen alone, never recorded. `journal`: the recorded form of an event of the tape, under another name.
   */
  readonly scope: 'tape' | 'plant' | 'view' | 'journal'
  readonly fields: F
  readonly tail?: T
}

export interface Channel<
  N extends string = string,
  F extends Fields = Fields,
  T extends Tail | undefined = Tail | undefined
> extends ChannelSpec<N, F, T> {
  /** Byte offset of each field from the start of the record. */
  readonly at: { readonly [K in keyof F]: number }
  /** Presence bit of each optional field (0 for a required one). */
  readonly bit: { readonly [K in keyof F]: number }
  /** Offset of the tail: for `levels` u32 bid count, u32 ask count, then pairs of i64; for `text` u32 byte length, then UTF-8. */
  readonly tailAt: number
}

type OptionalKeys<F> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F]
type FieldValue<X> = X extends Field<infer T, boolean> ? T : never
type FieldValues<F> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: FieldValue<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: FieldValue<F[K]> | undefined
}
type TailValue<T> = T extends Tail<infer V> ? (V extends Levels ? { readonly levels: Levels } : { readonly text: string }) : object

/** The decoded record of a channel. Absent optional fields are undefined. */
export type RecordOf<C> =
  C extends Channel<infer N, infer F, infer T> ? RecordHeader & { readonly ch: N } & FieldValues<F> & TailValue<T> : never

/** Declares a channel once: layout, presence bits and everything else derive from it. */
export function defineChannel<N extends string, const F extends Fields, T extends Tail | undefined = undefined>(
  spec: ChannelSpec<N, F, T>
): Channel<N, F, T> {
  const at: Record<string, number> = {}
  const bit: Record<string, number> = {}
  let offset = HEADER_BYTES
  let bits = 0
  for (const [name, field] of Object.entries(spec.fields)) {
    at[name] = offset
    offset += fieldBytes(field.kind)
    bit[name] = field.optional ? 2 ** bits++ : 0
  }
  if (bits > 32) throw new Error(`channel ${spec.name} has ${bits} optional fields, at most 32 are possible`)
  return { ...spec, at: at as Channel<N, F, T>['at'], bit: bit as Channel<N, F, T>['bit'], tailAt: offset }
}

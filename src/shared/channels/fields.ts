import type { Member } from './members.ts'

/** How a field is stored in a record and written as text. One entry of a channel's declaration. */
export interface Field<T = unknown, Optional extends boolean = boolean> {
  readonly kind: FieldKind
  /** Name on disk and on the wire, snake_case as in the seeds. */
  readonly wire: string
  readonly doc: string
  readonly unit: string
  readonly optional: Optional
  /** Name in JSON, where it is another one than on disk; readers take both. */
  readonly json?: string
  /** Stored × 1e6, and a plain decimal in JSON under its name there. */
  readonly jsonDecimal?: boolean
  /** Closed list of an `oneOf` field; stored as the index in this list (append only). */
  readonly values?: readonly string[]
  /** Carries the TypeScript type only; never set. */
  readonly type?: T
}

/** i64 holds safe integers only (magnitude up to 2^53 - 1). `e6` is an i64 shown as a decimal with six places. */
export type FieldKind = 'u32' | 'i64' | 'e6' | 'f64' | 'bool' | 'oneOf'

/** Variable part at the end of a record: at most one per channel. */
export interface Tail<T = unknown> {
  readonly kind: 'levels' | 'text'
  readonly wire: string
  readonly doc: string
  /** The text is a JSON object: in JSON its members stand beside the fields. */
  readonly json?: boolean
  /** Members of that object that have a column of their own in Parquet. */
  readonly members?: readonly Member[]
  readonly type?: T
}

/** Price levels of both sides. Arrays hold px and size alternately: [px0, size0, px1, size1, ...], best first, e6 integers. */
export interface Levels {
  readonly bids: readonly number[]
  readonly asks: readonly number[]
}

type F<T> = Field<T, false>

const field = <T>(kind: FieldKind, wire: string, unit: string, doc: string): F<T> => ({ kind, wire, unit, doc, optional: false })

export const u32 = (wire: string, doc: string, unit = 'count'): F<number> => field('u32', wire, unit, doc)
export const i64 = (wire: string, doc: string, unit = 'integer'): F<number> => field('i64', wire, unit, doc)
export const pxE6 = (wire: string, doc: string): F<number> => field('e6', wire, 'price', doc)
export const sizeE6 = (wire: string, doc: string): F<number> => field('e6', wire, 'base quantity', doc)
export const f64 = (wire: string, doc: string, unit = 'ratio'): F<number> => field('f64', wire, unit, doc)
export const bool = (wire: string, doc: string): F<boolean> => field('bool', wire, 'true or false', doc)

export function oneOf<const V extends readonly string[]>(wire: string, values: V, doc: string): F<V[number]> {
  return { kind: 'oneOf', wire, unit: values.join(' | '), doc, optional: false, values }
}

/** The same field under another name in JSON. @param decimal it is stored × 1e6, and JSON has the number itself */
export function inJson<F extends Field>(f: F, name: string, decimal = false): F {
  return { ...f, json: name, ...(decimal ? { jsonDecimal: true } : {}) }
}

/** The same field, but it may be absent: absent is a cleared bit in the record, never a special value. */
export function optional<T>(f: Field<T, false>): Field<T, true> {
  return { ...f, optional: true }
}

export const levels = (wire: string, doc: string): Tail<Levels> => ({ kind: 'levels', wire, doc })
export const text = (wire: string, doc: string): Tail<string> => ({ kind: 'text', wire, doc })
export const jsonText = (wire: string, doc: string, members: readonly Member[] = []): Tail<string> => ({
  kind: 'text',
  wire,
  doc,
  json: true,
  members
})

/** Bytes that a field of this kind takes in a record. */
export function fieldBytes(kind: FieldKind): number {
  return kind === 'u32' || kind === 'bool' || kind === 'oneOf' ? 4 : 8
}

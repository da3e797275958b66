import type { DuckDBVector } from '@duckdb/node-api'

type Typed = BigInt64Array | Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** What the library's vector classes hold; its own setters take one BigInt a value, which costs ten times the work itself. */
interface Inside {
  readonly items?: Typed
  readonly dataView?: DataView
  /** The values of all rows of an ARRAY, one row behind the other. */
  readonly childData?: DuckDBVector
  readonly validity: {
    readonly data: BigUint64Array | null
    setItemValid(index: number, valid: boolean): void
  }
}

/** The memory of a fixed-width vector of a chunk. */
export interface RawVector {
  readonly view: DataView
  /** One bit a row, set = has a value; undefined = every row has one. */
  readonly valid: Uint8Array | undefined
}

/** @throws Error when the library keeps its data elsewhere than it did in the version this was written for */
export function rawVector(vector: DuckDBVector): RawVector {
  const { items, dataView, validity } = vector as unknown as Inside
  const data = items ?? dataView
  if (data === undefined || validity === undefined) throw new Error(`broken promise: a ${String(vector.type)} vector shows its memory`)
  const bits = validity.data
  return {
    view: new DataView(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
    valid: bits === null ? undefined : new Uint8Array(bits.buffer as ArrayBuffer, bits.byteOffset, bits.byteLength)
  }
}

/** The same for writing: the validity bits exist, and are all set. */
export function writableVector(vector: DuckDBVector): Required<RawVector> & { readonly valid: Uint8Array } {
  const { validity } = vector as unknown as Inside
  validity.setItemValid(0, false)
  validity.setItemValid(0, true)
  const { view, valid } = rawVector(vector)
  if (valid === undefined) throw new Error('broken promise: the vector has validity bits')
  valid.fill(0xff)
  return { view, valid }
}

/** The values of all rows of an ARRAY vector as one vector, so many a row as the array is long. @throws Error as `rawVector` does */
export function arrayValues(vector: DuckDBVector): DuckDBVector {
  const { childData } = vector as unknown as Inside
  if (childData === undefined) throw new Error(`broken promise: a ${String(vector.type)} vector shows its values`)
  return childData
}

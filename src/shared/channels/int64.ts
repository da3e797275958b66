const TWO_32 = 4_294_967_296

/** Writes a safe integer as a little-endian i64. */
export function putI64(view: DataView, at: number, value: number): void {
  const hi = Math.floor(value / TWO_32)
  view.setUint32(at, value - hi * TWO_32, true)
  view.setInt32(at + 4, hi, true)
}

/** Reads a little-endian i64 that holds a safe integer. */
export function getI64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
}

const TAIL_BYTES = 10

/** A hash of a token id or symbol for a `KeyTable`: of its last few bytes, where token ids differ. */
export function keyHash(buf: Uint8Array, from: number, to: number): number {
  let hash = to - from
  for (let i = Math.max(from, to - TAIL_BYTES); i < to; i++) hash = (Math.imul(hash, 31) + buf[i]!) | 0
  return hash
}

const { copy } = Buffer.prototype as unknown as {
  copy: (this: Uint8Array, target: Uint8Array, at: number, from: number, to: number) => number
}

/** Copies bytes [from, to) to `at` of the target. Works for any bytes, and makes no view of them on the way: that would cost more than a message. */
export function copyBytes(buf: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  copy.call(buf, target, at, from, to)
}

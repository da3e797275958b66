const ZERO = 48
const utf8 = new TextEncoder()

/** A growing buffer of UTF-8 text, written in place: no string per line. The owner takes the bytes and resets it. */
export class TextBuffer {
  bytes: Uint8Array = new Uint8Array(64 * 1024)
  length = 0

  /** Makes room for so many more bytes. */
  reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  put(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    const { bytes: to } = this
    let o = this.length
    // For the few bytes of a name a loop is faster than a call of set().
    if (bytes.length > 48) to.set(bytes, o)
    else for (let i = 0; i < bytes.length; i++) to[o + i] = bytes[i]!
    o += bytes.length
    this.length = o
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = value
  }

  text(text: string): void {
    this.reserve(text.length * 3)
    this.length += utf8.encodeInto(text, this.bytes.subarray(this.length)).written
  }

  /** A safe integer in decimal. */
  int(value: number): void {
    if (value < 0) {
      this.byte(45)
      value = -value
    }
    this.reserve(20)
    this.#digits(value, 1)
  }

  /** An integer with leading zeros. @param width least number of digits */
  padded(value: number, width: number): void {
    this.reserve(20)
    this.#digits(value, width)
  }

  /** An e6 integer as a decimal without needless zeros, as `formatE6` writes it. */
  e6(value: number): void {
    if (value < 0) {
      this.byte(45)
      value = -value
    }
    this.reserve(28)
    const whole = Math.floor(value / 1e6)
    let rest = value - whole * 1e6
    this.#digits(whole, 1)
    if (rest === 0) return
    let width = 6
    while (rest % 10 === 0) {
      rest /= 10
      width--
    }
    this.bytes[this.length++] = 46
    this.#digits(rest, width)
  }

  reset(): void {
    this.length = 0
  }

  #digits(value: number, least: number): void {
    if (value > 0x7fff_ffff) {
      // Two steps keep the loop below in small integers, where it is several times as fast.
      const high = Math.floor(value / 1e9)
      this.#digits(high, least - 9)
      return this.#small(value - high * 1e9, 9)
    }
    this.#small(value, least)
  }

  #small(value: number, least: number): void {
    let width = 1
    for (let top = 10; top <= value && width < 10; top *= 10) width++
    if (width < least) width = least
    const { bytes } = this
    let rest = value | 0
    for (let o = this.length + width - 1; o >= this.length; o--) {
      const next = (rest / 10) | 0
      bytes[o] = ZERO + rest - next * 10
      rest = next
    }
    this.length += width
  }
}

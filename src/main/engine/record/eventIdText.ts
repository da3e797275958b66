import { runNamespace } from '../tape/index.ts'
import type { TextBuffer } from './textBuffer.ts'

const UUID_CHARS = 36
const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0))

/**
 * Writes the ids of a run's events as text: the same as `eventIdsOf`, ten times as fast, because the name of an event always fits
 * into one block of the hash. SHA-1 as in RFC 3174.
 */
export class EventIdText {
  readonly #block = new Uint8Array(64)
  readonly #words = new Int32Array(80)
  readonly #sum = new Int32Array(5)
  #frame: { shard: number; frameIdx: number; text: Uint8Array } | undefined

  constructor(runId: string) {
    this.#block.set(runNamespace(runId))
  }

  /** Appends the id of an event, 36 characters. */
  event(out: TextBuffer, shard: number, frameIdx: number, pos: number): void {
    this.#hash(shard, frameIdx, pos)
    out.reserve(UUID_CHARS)
    this.#write(out.bytes, out.length)
    out.length += UUID_CHARS
  }

  /** Appends the id of a frame: the correlation id of its events. */
  frame(out: TextBuffer, shard: number, frameIdx: number): void {
    let frame = this.#frame
    if (frame === undefined || frame.shard !== shard || frame.frameIdx !== frameIdx) {
      this.#hash(shard, frameIdx, undefined)
      frame = { shard, frameIdx, text: new Uint8Array(UUID_CHARS) }
      this.#write(frame.text, 0)
      this.#frame = frame
    }
    out.put(frame.text)
  }

  #write(to: Uint8Array, at: number): void {
    const sum = this.#sum
    let o = at
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) to[o++] = 45
      let byte = (sum[i >> 2]! >>> (24 - (i & 3) * 8)) & 0xff
      if (i === 6) byte = (byte & 0x0f) | 0x50
      else if (i === 8) byte = (byte & 0x3f) | 0x80
      to[o++] = HEX[byte >> 4]!
      to[o++] = HEX[byte & 15]!
    }
  }

  #hash(shard: number, frameIdx: number, pos: number | undefined): void {
    const block = this.#block
    let end = digits(block, 16, shard)
    block[end++] = 58
    end = digits(block, end, frameIdx)
    if (pos !== undefined) {
      block[end++] = 58
      end = digits(block, end, pos)
    }
    block[end] = 0x80
    block.fill(0, end + 1)
    const bits = end * 8
    block[62] = bits >> 8
    block[63] = bits & 0xff
    this.#rounds()
  }

  #rounds(): void {
    const w = this.#words
    const block = this.#block
    for (let i = 0; i < 16; i++) w[i] = (block[i * 4]! << 24) | (block[i * 4 + 1]! << 16) | (block[i * 4 + 2]! << 8) | block[i * 4 + 3]!
    for (let i = 16; i < 80; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!
      w[i] = (x << 1) | (x >>> 31)
    }
    let a = 0x67452301
    let b = 0xefcdab89 | 0
    let c = 0x98badcfe | 0
    let d = 0x10325476
    let e = 0xc3d2e1f0 | 0
    let next = 0
    // One loop for each kind of round: a choice inside a single one costs half as much again.
    for (let i = 0; i < 20; i++) {
      next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + w[i]! + 0x5a827999) | 0
      e = d
      d = c
      c = (b << 30) | (b >>> 2)
      b = a
      a = next
    }
    for (let i = 20; i < 40; i++) {
      next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + 0x6ed9eba1) | 0
      e = d
      d = c
      c = (b << 30) | (b >>> 2)
      b = a
      a = next
    }
    for (let i = 40; i < 60; i++) {
      next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + w[i]! - 0x70e44324) | 0
      e = d
      d = c
      c = (b << 30) | (b >>> 2)
      b = a
      a = next
    }
    for (let i = 60; i < 80; i++) {
      next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! - 0x359d3e2a) | 0
      e = d
      d = c
      c = (b << 30) | (b >>> 2)
      b = a
      a = next
    }
    const sum = this.#sum
    sum[0] = (a + 0x67452301) | 0
    sum[1] = (b + 0xefcdab89) | 0
    sum[2] = (c + 0x98badcfe) | 0
    sum[3] = (d + 0x10325476) | 0
    sum[4] = (e + 0xc3d2e1f0) | 0
  }
}

function digits(to: Uint8Array, at: number, value: number): number {
  let width = 1
  for (let top = 10; top <= value; top *= 10) width++
  let rest = value
  for (let o = at + width - 1; o >= at; o--) {
    const next = Math.floor(rest / 10)
    to[o] = 48 + rest - next * 10
    rest = next
  }
  return at + width
}

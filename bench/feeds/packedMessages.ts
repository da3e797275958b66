/** Messages one after the other in one buffer, as they lie in a frame log. Message i is `bytes[from[i]..to[i])`. */
export interface PackedMessages {
  readonly bytes: Buffer
  readonly from: Int32Array
  readonly to: Int32Array
  readonly count: number
}

/** @throws Error when a text is not ASCII: its length would not be that of its bytes */
export function pack(texts: readonly string[]): PackedMessages {
  const from = new Int32Array(texts.length)
  const to = new Int32Array(texts.length)
  let at = 0
  texts.forEach((text, i) => {
    from[i] = at
    at += text.length
    to[i] = at
  })
  const bytes = Buffer.from(texts.join(''))
  if (bytes.length !== at) throw new Error('a message is not ASCII')
  return { bytes, from, to, count: texts.length }
}

export function textOf({ bytes, from, to }: PackedMessages, i: number): string {
  return bytes.toString('latin1', from[i], to[i])
}

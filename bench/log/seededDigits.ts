/** Decimal digits from a small seeded generator (xorshift): the same on every machine. */
export function randomDigits(seed: number): (count: number) => string {
  let state = seed
  return (count) => {
    let text = ''
    while (text.length < count) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      text += String((state >>> 0) % 10)
    }
    return text
  }
}

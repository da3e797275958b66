/** Rounds half to even at a number of decimals. */
export function rounded(x: number, decimals = 0): number {
  const scale = 10 ** decimals
  const scaled = Math.round(x * scale * 1e6) / 1e6
  const low = Math.floor(scaled)
  const part = scaled - low
  const up = part > 0.5 || (part === 0.5 && low % 2 !== 0)
  const result = (low + (up ? 1 : 0)) / scale
  return result === 0 ? 0 : result
}

export function clip(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x
}

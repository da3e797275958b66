/** Price texts of Polymarket by thousandths, 0 to 1000, without trailing zeros: 480 is "0.48", 1000 is "1". */
export const PRICE_TEXTS: readonly string[] = Array.from({ length: 1001 }, (_, thousandths) => String(thousandths / 1000))

/** @returns a size in millionths as the shortest decimal text, for example 14528750000 as "14528.75" */
export function sizeText(sizeE6: number): string {
  const whole = Math.floor(sizeE6 / 1_000_000)
  const fraction = sizeE6 - whole * 1_000_000
  if (fraction === 0) return String(whole)
  let digits = String(fraction).padStart(6, '0')
  while (digits.endsWith('0')) digits = digits.slice(0, -1)
  return `${whole}.${digits}`
}

/** @returns `units` of 10^-decimals as text with exactly eight decimals, the form of every Binance price and quantity */
export function eightDecimals(units: number, decimals: number): string {
  const scale = 10 ** decimals
  const whole = Math.floor(units / scale)
  const fraction = String(units - whole * scale).padStart(decimals, '0')
  return `${whole}.${(decimals === 0 ? '' : fraction).padEnd(8, '0')}`
}

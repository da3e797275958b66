/** Decimals that show every multiple of a tick: 10_000 (0.01) gives 2. */
export function tickDecimals(tickE6: number): number {
  if (tickE6 <= 0) return 6
  let decimals = 6
  let rest = tickE6
  while (decimals > 0 && rest % 10 === 0) {
    rest /= 10
    decimals--
  }
  return decimals
}

/** A price with the tick's decimals, exact for multiples of the tick. */
export function priceText(pxE6: number, tickE6: number): string {
  return decimalText(pxE6, tickDecimals(tickE6))
}

/** An e6 integer as decimal text with a fixed number of decimals, rounded half away from zero. */
export function decimalText(valueE6: number, decimals: number): string {
  const unit = 10 ** (6 - decimals)
  const scaled = Math.round(Math.abs(valueE6) / unit)
  const digits = String(scaled).padStart(decimals + 1, '0')
  const sign = valueE6 < 0 && scaled > 0 ? '-' : ''
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** An e6 integer as the shortest exact decimal text. */
export function exactText(valueE6: number): string {
  return decimalText(valueE6, 6).replace(/\.?0+$/, '')
}

/** A quantity short enough for a table: 0.00412, 1.523, 184.2, 18420, 1.84M. */
export function sizeText(sizeE6: number): string {
  const size = Math.abs(sizeE6) / 1e6
  const sign = sizeE6 < 0 ? '-' : ''
  if (size >= 1e9) return `${sign}${(size / 1e9).toFixed(2)}B`
  if (size >= 1e6) return `${sign}${(size / 1e6).toFixed(2)}M`
  if (size >= 10_000) return sign + size.toFixed(0)
  if (size >= 100) return sign + size.toFixed(1)
  if (size >= 0.01) return sign + size.toFixed(3)
  return size === 0 ? '0' : sign + size.toFixed(5)
}

/** Signed tick distance: +12, −3, 0. */
export function rowText(row: number): string {
  return row > 0 ? `+${row}` : row < 0 ? `−${-row}` : '0'
}

/** Time of day in UTC of a Unix second: 13:05:59. */
export function utcTime(sec: number): string {
  return new Date(sec * 1000).toISOString().slice(11, 19)
}

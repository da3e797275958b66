import type { StrategyResult } from '../../../shared/api/index.ts'
import { decimalText } from '../../stage/index.ts'

/** Amounts from here on are shown with two decimals instead of four. */
const LARGE_E6 = 10_000e6

/** Money × 1e6 with its sign and four decimals, large amounts with two: +12.3400, −0.5000, −467874.13. */
export function moneyText(valueE6: number): string {
  const text = feeText(Math.abs(valueE6))
  if (Number(text) === 0) return text
  return valueE6 < 0 ? `−${text}` : `+${text}`
}

/** What was paid: a cost has no sign. */
export function feeText(valueE6: number): string {
  return decimalText(valueE6, valueE6 >= LARGE_E6 ? 2 : 4)
}

/** What the untrusted share of a result means, in one sentence. @param share 0..1; undefined = unknown */
export function untrustedText(share: number | undefined): string {
  if (share === undefined) return '? Untrusted share unknown: nothing says how much of this time the books were right.'
  if (share <= 0) return '✓ 0 % untrusted: every book was whole for the entire run.'
  const percent = share * 100
  const text = percent < 0.01 ? 'less than 0.01' : percent < 10 ? percent.toFixed(2) : percent.toFixed(0)
  return `⚠ ${text} % untrusted: in this share of the time some book had a gap or was being fetched anew, so prices that the strategy saw may have been wrong.`
}

/** What was held long and short (0 or below) at a point of the series. @param market one of them, or empty for the sums over all */
export function heldAt(
  { series, marketSeries }: Pick<StrategyResult, 'series' | 'marketSeries'>,
  market: string,
  point: number
): { readonly longE6: number; readonly shortE6: number } {
  if (market === '') return { longE6: series.longPositionE6[point] ?? 0, shortE6: series.shortPositionE6[point] ?? 0 }
  const held = marketSeries.find((one) => one.market === market)?.positionE6[point] ?? 0
  return { longE6: Math.max(0, held), shortE6: Math.min(0, held) }
}

/** Last part of a path, or the name itself. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path
}

/** A long market id with its middle left out. */
export function marketText(market: string): string {
  return market.length <= 14 ? market : `${market.slice(0, 6)}…${market.slice(-5)}`
}

/** Time into the run, with milliseconds: 05:03.250, 1:02:03.004. */
export function offsetText(relNs: number): string {
  const ms = Math.max(0, Math.floor(relNs / 1e6))
  const two = (n: number): string => String(n).padStart(2, '0')
  const seconds = Math.floor(ms / 1000)
  const hours = Math.floor(seconds / 3600)
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, '0')}`
  return hours === 0 ? rest : `${hours}:${rest}`
}

import { z } from 'zod'

/** A number that may be missing, null or something else altogether, which all count as missing. */
export const maybeNumber = z.number().nullish().catch(undefined)
export const maybeText = z.string().max(4000).nullish().catch(undefined)

/** The same object without its absent fields. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined | null> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as {
    [K in keyof T]?: Exclude<T[K], undefined | null>
  }
}

/** @returns the value when it lies within the bounds, both included */
export function within(value: number | null | undefined, low: number, high: number): number | undefined {
  return typeof value === 'number' && value >= low && value <= high ? value : undefined
}

export function rounded(value: number, digits: number): number
export function rounded(value: number | undefined, digits: number): number | undefined
export function rounded(value: number | undefined, digits: number): number | undefined {
  if (value === undefined) return undefined
  const scale = 10 ** digits
  // Adding zero turns -0 into 0.
  return Math.round(value * scale) / scale + 0
}

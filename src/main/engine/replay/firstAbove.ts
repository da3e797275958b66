/** Place of the first number greater than `limit` in an ascending list; its length when there is none. */
export function firstAbove(ascending: ArrayLike<number>, limit: number): number {
  let lo = 0
  let hi = ascending.length
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (ascending[mid]! > limit) hi = mid
    else lo = mid + 1
  }
  return lo
}

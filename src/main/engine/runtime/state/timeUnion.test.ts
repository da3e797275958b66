import { expect, test } from 'vitest'
import { TimeUnion } from './timeUnion.ts'

test('what many intervals cover together is what counting instant by instant gives, in any order', () => {
  let state = 7
  const below = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 4_294_967_296) * n)
  }
  for (let run = 0; run < 2000; run++) {
    const union = new TimeUnion()
    const covered = new Set<number>()
    for (let i = below(12); i > 0; i--) {
      const from = below(60)
      const to = from + below(12)
      union.add(from, to)
      for (let at = from; at < to; at++) covered.add(at)
    }
    const end = below(80)
    expect(union.totalNs(end)).toBe([...covered].filter((at) => at < end).length)
    expect(union.firstNs).toBe(covered.size === 0 ? undefined : Math.min(...covered))
  }
})

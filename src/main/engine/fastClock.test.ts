import { expect, it } from 'vitest'
import { fastClock } from './fastClock.ts'

it('shows the start at the anchor, and goes so many times as fast from there', () => {
  let hostNs = 1_000_000_000n
  const clock = fastClock({ speed: 60, anchorWallMs: 1000, startWallMs: 5_000_000 }, { wallNs: () => hostNs, monoNs: () => hostNs })
  expect(clock.wallNs()).toBe(5_000_000_000_000n)
  const mono = clock.monoNs()
  hostNs += 1_000_000_000n
  expect(clock.wallNs()).toBe(5_060_000_000_000n)
  expect(clock.monoNs() - mono).toBe(60_000_000_000n)
})

it('goes on evenly while the wall clock of the host is corrected: a millisecond would be a quarter of a second', () => {
  let monoNs = 7_000_000_000n
  let correctionNs = 0n
  const host = { wallNs: () => monoNs + correctionNs, monoNs: () => monoNs }
  const clock = fastClock({ speed: 240, anchorWallMs: 7000, startWallMs: 0 }, host)
  monoNs += 1_000_000_000n
  correctionNs = 1_500_000n
  expect(clock.wallNs()).toBe(240_000_000_000n)
})

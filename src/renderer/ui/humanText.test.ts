import { describe, expect, test } from 'vitest'
import { INTEGRITY_KINDS, INTEGRITY_REASONS } from '../../shared/channels/index.ts'
import { bytesText, countText, durationText, integrityText, speedText, startText, zoneClock } from './humanText.ts'

describe('text for people', () => {
  test('bytes', () => {
    expect([0, 999, 1_000, 84_000_000, 999_600_000, 1_840_000_000].map(bytesText)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '84 MB',
      '1.0 GB',
      '1.8 GB'
    ])
  })

  test('counts have thin spaces', () => expect(countText(1_284_332)).toBe('1\u2009284\u2009332'))

  test('spans', () => expect([0, 59.9e9, 3_725e9, -5].map(durationText)).toEqual(['00:00', '00:59', '1:02:05', '00:00']))

  test('a start that is not known says so', () => {
    expect(startText('1723161253000000000')).toBe('2024-08-08 23:54')
    expect(startText('')).toBe('no start time')
  })

  test('speed 0 is as fast as possible', () => expect([0, 0.5, 100].map(speedText)).toEqual(['max', '0.5×', '100×']))

  test('every integrity kind and reason has words', () => {
    for (const kind of INTEGRITY_KINDS) expect(integrityText(kind, 'none').what).toMatch(/^[A-Z][a-z ]+/)
    for (const reason of INTEGRITY_REASONS) if (reason !== 'none') expect(integrityText('GAP_DETECTED', reason).why).toMatch(/\w/)
  })

  test('clocks follow summer time', () => {
    const ms = Date.UTC(2024, 7, 9, 0, 9, 12)
    expect(zoneClock('America/New_York')(ms)).toBe('20:09:12 EDT')
    expect(zoneClock('Europe/Madrid')(ms)).toBe('02:09:12 CEST')
    expect(zoneClock('America/New_York')(Date.UTC(2024, 0, 9, 15))).toBe('10:00:00 EST')
  })
})

import { describe, expect, test } from 'vitest'
import { gateSummary } from './GateList.tsx'
import { spreadText } from './inspector/ladderDom.ts'
import { compare } from './inspector/Fingerprint.tsx'
import { rangeRefusal, replayRefusal, speedRefusal } from './timeline/refusal.ts'
import { relOfX, xOfRel } from './timeline/timelineScale.ts'
import { badgeText } from './topBar/IntegrityBadge.tsx'
import { labelOf } from './topBar/Source.tsx'
import { titleOf } from './useDocumentTitle.ts'

describe('what the panels say', () => {
  test('the window title names the mode', () => {
    expect(titleOf('replay', 'BTC')).toBe('REPLAY · BTC – Tapedeck')
    expect(titleOf('live', 'Binance')).toBe('LIVE · Binance – Tapedeck')
    expect(titleOf('idle', '')).toBe('Tapedeck')
    expect(titleOf('live', 'Binance', true)).toContain('LOOKING BACK')
  })

  test('the big label tells mode and phase in words', () => {
    expect(labelOf('replay', 'playing')).toContain('REPLAY')
    expect(labelOf('live', 'recording')).toBe('● LIVE · recording')
  })

  test('the spread row says what is missing', () => {
    expect(spreadText(490_000, 510_000, 10_000)).toBe('spread 0.02 · 2 ticks · mid 0.50')
    expect(spreadText(61_602_010_000, 61_602_020_000, 10_000)).toBe('spread 0.01 · 1 tick · mid 61602.015')
    expect(spreadText(undefined, 510_000, 10_000)).toBe('no bids')
    expect(spreadText(490_000, undefined, 10_000)).toBe('no asks')
    expect(spreadText(undefined, undefined, 10_000)).toBe('both sides empty')
  })

  test('fingerprints are equal, different or not known', () => {
    expect([compare('a', 'a'), compare('a', 'b'), compare(undefined, 'a'), compare('a', undefined)]).toEqual([
      'equal',
      'different',
      'unknown',
      'unknown'
    ])
  })

  test('the badge counts gaps and the rest', () => {
    expect([badgeText(1, 0), badgeText(3, 1), badgeText(0, 2)]).toEqual(['1 gap', '3 gaps, 1 other', '2 other'])
  })

  test('the summary of gates names failures first and unknown ones apart', () => {
    const one = (ok: boolean | undefined) => ({ name: 'x', ok, found: '', limit: '' })
    expect(gateSummary([one(true), one(false), one(undefined)])).toBe('1 failed, 1 passed, 1 unknown')
    expect(gateSummary([one(true)])).toBe('1 passed')
  })

  test('the transport says why it refuses', () => {
    expect(replayRefusal('replay', 'paused')).toBeUndefined()
    expect(replayRefusal('live', 'recording')).toBeUndefined()
    expect(replayRefusal('live', 'starting')).toMatch(/not begun/)
    expect(speedRefusal('live', 'recording', false)).toMatch(/LIVE/)
    expect([speedRefusal('live', 'paused', true), rangeRefusal('live', 'paused', true)]).toEqual([undefined, undefined])
    expect(replayRefusal('idle', 'idle')).toBe('nothing is open')
  })

  test('the timeline converts both ways and stays inside the run', () => {
    const scale = { startRelNs: 5e9, endRelNs: 105e9, width: 1000 }
    expect(xOfRel(scale, 55e9)).toBe(500)
    expect(relOfX(scale, 500)).toBe(55e9)
    expect([relOfX(scale, -10), relOfX(scale, 2000)]).toEqual([5e9, 105e9])
    expect(xOfRel({ ...scale, endRelNs: 5e9 }, 5e9)).toBe(0)
  })
})

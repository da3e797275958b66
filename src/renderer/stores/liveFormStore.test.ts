import { describe, expect, test } from 'vitest'
import { type LiveForm, sourceOf, useLiveForm } from './liveFormStore.ts'

const form = (change: Partial<LiveForm>): LiveForm => ({ ...useLiveForm.getState(), ...change })

describe('LIVE form', () => {
  test('the form as it opens is a practice venue', () => {
    expect(sourceOf(form({}))).toEqual({ source: { kind: 'practice', venue: 'polymarket', markets: 25, messagesPerSecond: 400, seed: 1 } })
  })

  test('symbols may be written in any common way', () => {
    expect(sourceOf(form({ kind: 'binance', symbols: ' btcusdt, ethusdt;SOLUSDT ' }))).toEqual({
      source: { kind: 'binance', symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] }
    })
    expect(sourceOf(form({ kind: 'binance', symbols: '币安人生usdt' }))).toEqual({ source: { kind: 'binance', symbols: ['币安人生USDT'] } })
    expect(sourceOf(form({ kind: 'binance', symbols: ' ' }))).toHaveProperty('problem')
  })

  test('a practice address must be a loopback address with a port', () => {
    const at = (url: string) => sourceOf(form({ kind: 'practice_at', practiceVenue: 'binance', url, symbols: 'BTCUSDT' }))
    expect(at('http://127.0.0.1:8700')).toEqual({
      source: { kind: 'practice_at', venue: 'binance', url: 'http://127.0.0.1:8700', symbols: ['BTCUSDT'] }
    })
    expect(at('http://example.com:8700')).toHaveProperty('problem')
    expect(at('127.0.0.1')).toHaveProperty('problem')
  })

  test('numbers out of range are named', () => {
    expect(sourceOf(form({ markets: '2001' }))).toEqual({ problem: 'The number of markets must be a whole number from 1 to 2000.' })
    expect(sourceOf(form({ messagesPerSecond: '0' }))).toHaveProperty('problem')
    expect(sourceOf(form({ seed: '1.5' }))).toHaveProperty('problem')
    expect(sourceOf(form({ kind: 'polymarket', maxMarkets: 'many' }))).toHaveProperty('problem')
  })
})

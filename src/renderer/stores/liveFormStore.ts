import { create } from 'zustand'
import type { LiveSource } from '../../shared/api/index.ts'

/** The Go LIVE form as typed. Text fields stay text until LIVE is pressed. */
export interface LiveForm {
  readonly kind: LiveSource['kind']
  readonly practiceVenue: 'polymarket' | 'binance'
  readonly markets: string
  readonly messagesPerSecond: string
  readonly seed: string
  readonly url: string
  readonly symbols: string
  readonly maxMarkets: string
}

export const useLiveForm = create<LiveForm>(() => ({
  kind: 'practice',
  practiceVenue: 'polymarket',
  markets: '25',
  messagesPerSecond: '400',
  seed: '1',
  url: 'http://127.0.0.1:8700',
  symbols: 'BTCUSDT',
  maxMarkets: '100'
}))

export function setLiveForm(change: Partial<LiveForm>): void {
  useLiveForm.setState(change)
}

export type SourceOrProblem = { readonly source: LiveSource } | { readonly problem: string }

/** Makes the source of a form, or says in one sentence which field is wrong. */
export function sourceOf(form: LiveForm): SourceOrProblem {
  switch (form.kind) {
    case 'practice':
      return practiceSource(form)
    case 'practice_at':
      return practiceAtSource(form)
    case 'binance': {
      const symbols = symbolsOf(form.symbols)
      return symbols.length === 0
        ? { problem: 'Name at least one Binance symbol, for example BTCUSDT.' }
        : { source: { kind: 'binance', symbols } }
    }
    case 'polymarket': {
      const maxMarkets = whole(form.maxMarkets, 1, 5000)
      return maxMarkets === undefined
        ? { problem: 'The number of markets must be a whole number from 1 to 5000.' }
        : { source: { kind: 'polymarket', maxMarkets } }
    }
  }
}

function practiceSource(form: LiveForm): SourceOrProblem {
  const markets = whole(form.markets, 1, 2000)
  const messagesPerSecond = whole(form.messagesPerSecond, 1, 100_000)
  const seed = whole(form.seed, 0, 4_294_967_295)
  if (markets === undefined) return { problem: 'The number of markets must be a whole number from 1 to 2000.' }
  if (messagesPerSecond === undefined) return { problem: 'The message rate must be a whole number from 1 to 100000.' }
  if (seed === undefined) return { problem: 'The seed must be a whole number from 0 to 4294967295.' }
  return { source: { kind: 'practice', venue: form.practiceVenue, markets, messagesPerSecond, seed } }
}

function practiceAtSource(form: LiveForm): SourceOrProblem {
  const url = form.url.trim()
  if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+\/?$/.test(url)) {
    return { problem: 'The address must be the one that the practice venue printed, for example http://127.0.0.1:8700.' }
  }
  const symbols = symbolsOf(form.symbols)
  if (form.practiceVenue === 'binance')
    return { source: { kind: 'practice_at', venue: 'binance', url, ...(symbols.length > 0 && { symbols }) } }
  const maxMarkets = whole(form.maxMarkets, 1, 5000)
  if (maxMarkets === undefined) return { problem: 'The number of markets must be a whole number from 1 to 5000.' }
  return { source: { kind: 'practice_at', venue: 'polymarket', url, maxMarkets } }
}

function symbolsOf(text: string): string[] {
  return text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((symbol) => symbol !== '')
}

function whole(text: string, least: number, most: number): number | undefined {
  const value = Number(text)
  return /^\d+$/.test(text.trim()) && value >= least && value <= most ? value : undefined
}

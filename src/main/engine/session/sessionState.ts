import type { LiveSource, SessionState } from '../../../shared/api/index.ts'

/** Nothing is open. */
export const IDLE: SessionState = {
  mode: 'idle',
  phase: 'idle',
  viewEpoch: 0,
  runId: '',
  name: '',
  path: '',
  venue: '',
  synthetic: false,
  originTsNs: '0',
  startRelNs: 0,
  endRelNs: 0,
  playheadRelNs: 0,
  speed: 1,
  skipIdle: false,
  instrumentId: 0,
  indexed: 1,
  feeds: [],
  counts: {}
}

/** What a source is called on screen until it says so itself. */
export function sourceName(source: LiveSource): string {
  if (source.kind === 'polymarket') return 'Polymarket'
  if (source.kind === 'binance') return `Binance ${source.symbols.join(', ').toUpperCase()}`
  return `Practice venue (${source.venue})`
}

/** Adds to the view epoch in a transport frame's header. */
export function shiftEpoch(frame: Uint8Array, by: number): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  view.setUint32(4, view.getUint32(4, true) + by, true)
}

import type { PracticeVenueName } from '../frame.ts'

export interface SocketAddress {
  readonly venue: PracticeVenueName
  readonly path: string
  /** Binance: streams named by the address. */
  readonly streams: readonly string[]
  /** Binance: `/stream` wraps messages with their stream name, `/ws` does not. */
  readonly combined: boolean
}

/** @param requestUrl path and query of an upgrade request @returns undefined where no WebSocket is served */
export function socketAddress(requestUrl: string): SocketAddress | undefined {
  const url = URL.parse(requestUrl, 'http://127.0.0.1')
  if (!url) return undefined
  const path = url.pathname
  if (path === '/ws/market') return { venue: 'polymarket', path, streams: [], combined: true }
  if (path === '/stream') {
    const streams = url.searchParams.get('streams')?.split('/') ?? []
    return { venue: 'binance', path, streams: streams.filter((stream) => stream !== ''), combined: true }
  }
  if (path === '/ws' || path.startsWith('/ws/')) {
    const streams = decodeURIComponentSafe(path.slice('/ws/'.length)).split('/')
    return { venue: 'binance', path, streams: streams.filter((stream) => stream !== ''), combined: false }
  }
  return undefined
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

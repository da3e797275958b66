import type { StudioTransport } from '../../shared/api/index.ts'
import { electronTransport } from './electronTransport.ts'
import { webSocketTransport } from './webSocketTransport.ts'

/** A fresh way to the studio: through the preload on the desktop, else the WebSocket of the page's own host. */
export function createTransport(): StudioTransport {
  if (window.studio !== undefined) return electronTransport(window.studio, window)
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return webSocketTransport(new WebSocket(`${scheme}://${location.host}/studio`), pageToken())
}

/** The secret that browser mode's server put into the page, or the user into the address after `#`. */
export function pageToken(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="tapedeck-token"]')?.content ?? ''
  return meta === '' ? (new URLSearchParams(location.hash.slice(1)).get('token') ?? location.hash.slice(1)) : meta
}

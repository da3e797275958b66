/** Scheme and host that the built screen is served from. */
export const APP_SCHEME = 'app'
export const APP_ORIGIN = `${APP_SCHEME}://bundle`

/** True for a page of ours. @param devUrl address of the development server, where there is one */
export function isTrustedUrl(url: string, devUrl?: string): boolean {
  const parsed = URL.parse(url)
  if (parsed === null) return false
  // Node gives a scheme of our own the origin "null", so its parts are compared.
  if (`${parsed.protocol}//${parsed.host}` === APP_ORIGIN) return true
  return devUrl !== undefined && parsed.origin !== 'null' && parsed.origin === URL.parse(devUrl)?.origin
}

/** True when the page may load this; nothing outside the app ever is. */
export function isAllowedRequest(url: string, devUrl?: string): boolean {
  const parsed = URL.parse(url)
  if (parsed === null) return false
  if (parsed.protocol === 'blob:' || parsed.protocol === 'data:') return true
  if (isTrustedUrl(url, devUrl)) return true
  // Hot reload speaks WebSocket to the same host; the developer tools are loaded from their own scheme.
  return devUrl !== undefined && (parsed.protocol === 'devtools:' || (parsed.protocol === 'ws:' && parsed.host === URL.parse(devUrl)?.host))
}

/** The parts of an IPC event that tell who sent it. */
export interface SenderEvent {
  readonly senderFrame: { readonly url: string } | null
  readonly sender: { readonly mainFrame: unknown }
}

/** @throws when a message did not come from the main frame of our own page */
export function assertSender(event: SenderEvent, devUrl?: string): void {
  const frame = event.senderFrame
  if (frame === null || frame !== event.sender.mainFrame || !isTrustedUrl(frame.url, devUrl))
    throw new Error('a message from a page that is not ours was refused')
}

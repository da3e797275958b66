import type { Connection } from '../server/connection.ts'
import type { ConnectionFault } from './fault.ts'

/** @returns true when the fault is meant for this connection: it has a subscription, and fits what the fault names */
export function meets(fault: ConnectionFault, connection: Connection): boolean {
  if (connection.subscriptions.size === 0 || connection.ws.readyState !== connection.ws.OPEN) return false
  if (typeof fault.connection === 'number' && fault.connection !== connection.id) return false
  if (fault.venue !== undefined && fault.venue !== connection.venue) return false
  return fault.token === undefined || [...connection.subscriptions].some((key) => namesToken(key, fault.token!))
}

/** @param key a token id, or a stream such as `btcusdt@trade` @param token a token id, or a symbol such as `BTCUSDT` */
export function namesToken(key: string, token: string): boolean {
  return key === token || key.split('@', 1)[0] === token.toLowerCase()
}

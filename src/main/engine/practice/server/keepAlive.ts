import type { Clock } from '../../clock.ts'
import type { Connection } from './connection.ts'

export interface KeepAliveOptions {
  readonly clock: Clock
  readonly connections: () => Iterable<Connection>
  readonly pingMs: number
  readonly idleMs: number
  readonly cut: (connection: Connection, reason: string) => void
  /** Called on every round, for work that waits for a quiet connection to come back. */
  readonly onRound: () => void
}

/** Pings Binance clients and cuts those that do not answer; cuts Polymarket clients that say nothing. @returns a function that ends it */
export function keepAlive(options: KeepAliveOptions): () => void {
  const timer = setInterval(
    () => {
      const nowNs = options.clock.monoNs()
      for (const connection of options.connections()) look(connection, nowNs, options)
      options.onRound()
    },
    Math.min(500, Math.max(5, options.pingMs / 2))
  )
  timer.unref()
  return () => clearInterval(timer)
}

function look(connection: Connection, nowNs: bigint, options: KeepAliveOptions): void {
  const sinceMs = (ns: bigint): number => Number(nowNs - ns) / 1e6
  if (connection.silent) {
    // Nothing was sent, so nothing can be expected back.
    connection.lastPongNs = nowNs
    return
  }
  if (connection.venue === 'polymarket') {
    if (sinceMs(connection.lastHeardNs) > options.idleMs) options.cut(connection, `no message and no PING for ${options.idleMs} ms`)
    return
  }
  if (sinceMs(connection.lastPongNs) > options.pingMs * 4) return options.cut(connection, 'three pings stayed without pong')
  if (sinceMs(connection.lastPingNs) < options.pingMs || connection.ws.readyState !== connection.ws.OPEN) return
  connection.lastPingNs = nowNs
  connection.ws.ping(String(options.clock.wallNs() / 1_000_000n))
}

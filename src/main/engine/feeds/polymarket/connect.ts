import type { FeedTransport, SubscribeMessage } from '../transport.ts'

export interface PolymarketTransportOptions {
  readonly wsUrl: string
  readonly clobBaseUrl: string
  /** Limits of one subscribe message. */
  readonly maxTokens: number
  readonly maxBytes: number
}

/** The three spellings that servers of this venue have been seen to accept, in the order in which they are tried. */
const FORMS = [
  (ids: readonly string[]) => ({ type: 'market', assets_ids: ids, operation: 'subscribe' }),
  (ids: readonly string[]) => ({ type: 'MARKET', assets_ids: ids, operation: 'subscribe' }),
  (ids: readonly string[]) => ({ type: 'market', assetsIds: ids, operation: 'subscribe' })
] as const

/** On a connection that is open already, an operation has no type. */
const AGAIN = (ids: readonly string[]): object => ({ assets_ids: ids, operation: 'subscribe' })

/** Polymarket's market channel: token ids are subscribed by message, and a text PING every few seconds keeps the connection. */
export function polymarketTransport(options: PolymarketTransportOptions): FeedTransport {
  return {
    venue: 'polymarket',
    variants: ['A', 'B', 'C'],
    keepAlive: { ping: 'PING', pong: 'PONG' },
    maxConnectionSeconds: undefined,
    socketUrl: () => options.wsUrl,
    subscribeMessages: (keys, variant) => subscribeMessages(keys, FORMS[variant % FORMS.length] ?? FORMS[0], options),
    resubscribeMessages: (keys) => subscribeMessages(keys, AGAIN, options),
    openNote: (keys) => ({ tokens: keys }),
    snapshot: (key) => ({ kind: 'book', url: `${options.clobBaseUrl.replace(/\/$/, '')}/book?token_id=${encodeURIComponent(key)}` })
  }
}

/** Splits by number of tokens and by bytes of the message. */
function subscribeMessages(
  keys: readonly string[],
  form: (ids: readonly string[]) => object,
  limits: PolymarketTransportOptions
): SubscribeMessage[] {
  const emptyBytes = JSON.stringify(form([])).length
  const messages: SubscribeMessage[] = []
  let group: string[] = []
  let bytes = emptyBytes
  const close = (): void => {
    if (group.length > 0) messages.push({ text: JSON.stringify(form(group)), keys: group })
    group = []
    bytes = emptyBytes
  }
  for (const key of keys) {
    const keyBytes = Buffer.byteLength(JSON.stringify(key)) + 1
    if (group.length === limits.maxTokens || (group.length > 0 && bytes + keyBytes > limits.maxBytes)) close()
    group.push(key)
    bytes += keyBytes
  }
  close()
  return messages
}

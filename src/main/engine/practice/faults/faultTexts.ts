import type { Connection } from '../server/connection.ts'

/** A message of the right kind that breaks off in the middle: text, but no JSON. */
export function brokenText(connection: Connection): string {
  const [key] = connection.subscriptions
  if (connection.venue === 'polymarket') {
    return `{"market":"0x0", "price_changes":[{"asset_id":"${key ?? '0'}", "price":"0.5", "size":"1`
  }
  const symbol = (key ?? 'btcusdt').split('@')[0]!.toUpperCase()
  return connection.combined
    ? `{"stream":"${key ?? ''}","data":{"e":"depthUpdate","E":17,"s":"${symbol}","U":`
    : `{"e":"depthUpdate","E":17,"s":"${symbol}","U":`
}

/** A valid JSON text of exactly `bytes` bytes that no reader knows. */
export function paddedText(bytes: number): string {
  const head = '{"event_type":"practice_padding","padding":"'
  const tail = '"}'
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail
}

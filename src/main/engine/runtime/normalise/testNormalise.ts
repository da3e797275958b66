import { expect } from 'vitest'
import { EventBatch, ROW, ROW_LENGTH } from '../events/eventBatch.ts'
import type { MarketTable } from '../events/marketTable.ts'
import type { BookNormaliser } from './bookNormaliser.ts'
import type { Reference } from './testReference.ts'

const RECV = 1234
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** For tests: runs one payload through the product, with foreign bytes before and behind it, and says it in the reference's terms. */
export function normalise(
  payload: Uint8Array,
  normaliser: BookNormaliser,
  markets: MarketTable
): Omit<Reference, 'events'> & { events: unknown[] } {
  const buf = Buffer.concat([bytesOf('{"bids":[{"price":"9'), payload, bytesOf('"},{"asks":["]')])
  const before = { decode: normaliser.counts.decodeErrors, schema: normaliser.counts.schemaErrors, scans: scansOf(normaliser) }
  const batch = new EventBatch(4)
  if (normaliser.decode(buf, 20, 20 + payload.length)) normaliser.normalise(RECV, batch)
  const pair = (px: number, size: number): readonly [bigint, bigint] | undefined =>
    Number.isNaN(px) ? undefined : [BigInt(px), BigInt(size)]
  const events = Array.from({ length: batch.count }, (_, i) => {
    const row = batch.rows.subarray(i * ROW_LENGTH, (i + 1) * ROW_LENGTH)
    expect(row[ROW.recvRelNs]).toBe(RECV)
    return {
      marketId: markets.ids[row[ROW.market]!],
      bid: pair(row[ROW.bidPxE6]!, row[ROW.bidSizeE6]!),
      ask: pair(row[ROW.askPxE6]!, row[ROW.askSizeE6]!),
      exchTsMs: Number.isNaN(row[ROW.exchTsMs]) ? undefined : row[ROW.exchTsMs]
    }
  })
  const { decodeErrors, schemaErrors } = normaliser.counts
  return {
    events,
    decodeErrors: decodeErrors - before.decode,
    schemaErrors: schemaErrors - before.schema,
    scans: scansOf(normaliser) - before.scans
  }
}

export const scansOf = ({ counts }: BookNormaliser): number => counts.bids.scans + counts.asks.scans

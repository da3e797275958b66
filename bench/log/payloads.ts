import { randomDigits } from './seededDigits.ts'

export const PAYLOAD_BYTES = 300
const DISTINCT = 4096
const PAYLOAD_SEED = 12_345

/** Messages of 300 bytes that read like the market channel's, so that a compressor finds in them what it finds there. */
export function samplePayloads(): readonly Buffer[] {
  const digits = randomDigits(PAYLOAD_SEED)
  const markets = Array.from({ length: 50 }, () => digits(77))
  return Array.from({ length: DISTINCT }, (_, i) => {
    const price = `0.${digits(2)}`
    const head = `{"asset_id":"${markets[i % markets.length]}", "price":"${price}", "size":"${Number(digits(5)) / 10}", "side":"${i % 2 === 0 ? 'BUY' : 'SELL'}", "hash":"`
    const tail = `", "timestamp":"19000000${digits(5)}", "event_type":"price_change", "id":"`
    const text = `${head}${digits(40)}${tail}`
    return Buffer.from(`${text}${digits(PAYLOAD_BYTES - 2 - text.length)}"}`, 'latin1')
  })
}

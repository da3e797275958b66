import { member, type Member } from './members.ts'

/** Facts of an instrument with a column of their own; token and market stand in the envelope. */
export const INSTRUMENT_MEMBERS: readonly Member[] = [
  member('name', 'text', 'question of the market, or symbol'),
  member('outcome', 'text', 'what the token pays for'),
  member('neg_risk', 'boolean', 'one of several outcomes that exclude each other'),
  member('min_order_size', 'text', 'smallest order, as the venue writes it')
]

import type { PolymarketListing } from '../polymarketMarket.ts'
import type { Random } from './random.ts'

const SUBJECTS = [
  'Bitcoin',
  'Ethereum',
  'rain in Madrid',
  'the home team',
  'the incumbent',
  'the index',
  'the launch',
  'the rate cut'
] as const
/** A fixed instant, so that the same seed lists the same markets on any day. */
const START_MS = Date.UTC(2030, 0, 1)

/** The unchanging facts of the n-th generated market. All of it says that it is practice. */
export function generatedListing(index: number, random: Random): PolymarketListing {
  const subject = SUBJECTS[random.below(SUBJECTS.length)]!
  const updown = random.chance(0.3)
  const volume = Math.floor(Math.exp(random.unit() * 9) * 100)
  return {
    id: String(900_000 + index),
    conditionId: `0x${random.hex(64)}`,
    tokenIds: [random.digits(76 + random.below(3)), random.digits(76 + random.below(3))],
    outcomes: updown ? ['Up', 'Down'] : ['Yes', 'No'],
    question: updown ? `Practice ${index}: ${subject} up or down?` : `Practice ${index}: ${subject} above ${10 + random.below(90)}?`,
    slug: `practice-${index}`,
    negRisk: random.chance(0.2),
    minOrderSize: '5',
    tickSize: random.chance(0.15) ? '0.001' : '0.01',
    startDate: new Date(START_MS).toISOString(),
    endDate: new Date(START_MS + (1 + random.below(365)) * 86_400_000).toISOString(),
    volume,
    liquidity: Math.floor(volume / 3) + 100
  }
}

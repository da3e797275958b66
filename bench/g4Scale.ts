import { removeRun } from './capture/plantReceive.ts'
import { receiveToSyncedMs, WatchedDisk } from './capture/syncLatency.ts'
import type { BenchOptions, Finding, GoalReport } from './goal.ts'
import { interleave, ratioOf, spreadOf, type Rounds, type Work } from './measure.ts'
import { bareAtScale } from './scale/bareAtScale.ts'
import { checkScale, plantAtScale, type ScaleLoad } from './scale/plantAtScale.ts'
import { SHARDS } from './scale/startSender.ts'

const MARKETS = [100, 500, 2000] as const
const COST_PER_SECOND = 40_000
const STEPS_PER_SECOND = [
  25_000, 50_000, 75_000, 100_000, 125_000, 150_000, 175_000, 200_000, 250_000, 300_000, 400_000, 500_000, 650_000, 800_000
]
/** A pace is held when everything is written this soon after it was due. */
const LATE_SHARE = 0.02
const LATE_SECONDS = 0.05

/** What it costs the plant that there are many markets, and how fast they may be. */
export async function g4Scale({ quick, say }: BenchOptions): Promise<GoalReport> {
  const costMessages = rounded(COST_PER_SECOND * (quick ? 1 : 4))
  const rounds = await costRounds(costMessages, quick)
  const [few, some, many] = MARKETS.map(nameOf) as [string, string, string]
  const held = await highestHeld(quick, say, 'plant', plantHolds)
  const bare = await highestHeld(quick, say, 'bare ws', bareHolds)
  return {
    id: 'G4S',
    what: `scale: price changes of 100, 500 and 2,000 markets over ${SHARDS} connections, the whole capture plant`,
    count: costMessages,
    counted: 'messages a round, every one of them found in the log, in order, byte for byte, and a first book for each token',
    findings: [
      { what: 'cost of a message, 2,000 to 100 markets', unit: 'x', figure: ratioOf(rounds, few, many), now: { atMost: 1.2 } },
      { what: 'cost of a message, 500 to 100 markets', unit: 'x', figure: ratioOf(rounds, few, some), now: { atMost: 1.2 } },
      { what: 'highest pace held, 2,000 markets', unit: 'M/s', figure: spreadOf([held.perSecond / 1e6]) },
      { what: 'that pace against a bare ws receiver', unit: 'x', figure: spreadOf([held.perSecond / bare.perSecond]) },
      { what: 'event loop late at that pace, p99', unit: 'ms', figure: spreadOf(held.lagsMs), now: { atMost: 10 } },
      await synced(held.perSecond, 1, quick),
      await synced(held.perSecond, 0.02, quick)
    ],
    ratesM: {},
    notes: [
      `cost: processor time of the plant's thread at ${COST_PER_SECOND.toLocaleString('en')} messages a second; ${costText(rounds)}`,
      `bare ws: ${bare.perSecond / 1000} k/s held by as many connections to the same sender that do nothing but count`,
      `held: all written (bare ws: received) within ${LATE_SHARE * 100} % and ${LATE_SECONDS} s of the last message being due, twice; steps ${STEPS_PER_SECOND.map((pace) => pace / 1000).join(', ')} k/s`,
      'no tape beside it: the sender needs the second core'
    ]
  }
}

const nameOf = (markets: number): string => `${markets.toLocaleString('en')} markets`

/** The sender gives each connection the same number. */
function rounded(messages: number): number {
  return Math.ceil(messages / SHARDS) * SHARDS
}

/** Work done in a second of processor time, by number of markets. */
async function costRounds(messages: number, quick: boolean): Promise<Rounds> {
  const run = async (markets: number): Promise<Work> => {
    const load = { markets, messages, perSecond: COST_PER_SECOND, fsyncIntervalSeconds: 1 }
    const { runDir, cpuSeconds } = await plantAtScale(load)
    await checkScale(runDir, load)
    removeRun(runDir)
    return { count: messages, seconds: cpuSeconds }
  }
  const contenders = MARKETS.map((markets) => ({ name: nameOf(markets), run: () => run(markets) }))
  return interleave(contenders, { rounds: quick ? 2 : 5, warmUps: 1 })
}

function costText(rounds: Rounds): string {
  return [...rounds].map(([name, rates]) => `${name} ${(1e6 / spreadOf(rates).median).toFixed(2)} µs`).join(', ')
}

interface Held {
  readonly perSecond: number
  /** The event loop's lag, p99 of each round at that pace. */
  readonly lagsMs: readonly number[]
}

/** @returns the lags of the event loop that were measured, p99; undefined when the pace was not held */
type Holds = (load: ScaleLoad) => Promise<readonly number[] | undefined>

/** Goes up step by step; a pace is held when it is held twice. */
async function highestHeld(quick: boolean, say: (line: string) => void, who: string, holds: Holds): Promise<Held> {
  let held: Held = { perSecond: 0, lagsMs: [] }
  for (const perSecond of STEPS_PER_SECOND) {
    const load = { markets: 2000, messages: rounded(perSecond * (quick ? 1 : 4)), perSecond, fsyncIntervalSeconds: 1 }
    const [first, second] = [await holds(load), await holds(load)]
    const isHeld = first !== undefined && second !== undefined
    const lagsMs = [...(first ?? []), ...(second ?? [])]
    const lagText = lagsMs.length === 0 ? '' : `, lag p99 ${lagsMs.map((lag) => lag.toFixed(1)).join(', ')} ms`
    say(`${who}, ${perSecond / 1000} k/s: ${isHeld ? `held${lagText}` : 'not held'}`)
    if (!isHeld) break
    held = { perSecond, lagsMs }
  }
  return held
}

const plantHolds: Holds = async (load) => {
  const { runDir, seconds, lagP99Ms } = await plantAtScale(load)
  await checkScale(runDir, load)
  removeRun(runDir)
  return isInTime(load, seconds) ? [lagP99Ms] : undefined
}

const bareHolds: Holds = async (load) => (isInTime(load, await bareAtScale(load)) ? [] : undefined)

function isInTime({ messages, perSecond }: ScaleLoad, seconds: number): boolean {
  return seconds <= (messages / perSecond) * (1 + LATE_SHARE) + LATE_SECONDS
}

async function synced(perSecond: number, fsyncIntervalSeconds: number, quick: boolean): Promise<Finding> {
  const p99s: number[] = []
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const disk = new WatchedDisk()
    const load = { markets: 2000, messages: rounded(perSecond * (quick ? 1 : 3)), perSecond, fsyncIntervalSeconds, disk }
    const { runDir } = await plantAtScale(load)
    await checkScale(runDir, load)
    const shards = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => receiveToSyncedMs(runDir, disk, shard)))
    p99s.push(Math.max(...shards.map((sorted) => sorted[Math.floor(sorted.length * 0.99)] ?? NaN)))
    removeRun(runDir)
  }
  return { what: `receive to synced at that pace, p99, setting ${fsyncIntervalSeconds} s`, unit: 'ms', figure: spreadOf(p99s) }
}

import { bareReceive } from './capture/bareReceive.ts'
import { checkRun, plantReceive, removeRun } from './capture/plantReceive.ts'
import { startFlood } from './capture/startFlood.ts'
import { receiveToSyncedMs, WatchedDisk } from './capture/syncLatency.ts'
import type { BenchOptions, Finding, GoalReport } from './goal.ts'
import { PAYLOAD_BYTES, samplePayloads } from './log/payloads.ts'
import { interleave, ratesInMillions, ratioOf, type Rounds, type Work } from './measure.ts'

const OURS = 'plant'
const BARE = 'bare ws'
const PACED_PER_SECOND = 200_000
const SHORT_SYNC_SECONDS = 0.02

/** WebSocket to frame log, the whole plant, against a bare WebSocket client on the same sender. */
export async function g4Capture({ quick }: BenchOptions): Promise<GoalReport> {
  const payloads = samplePayloads()
  const messages = payloads.length * (quick ? 25 : 150)
  const flood = await startFlood(messages, 0)
  const ours = async (): Promise<Work> => {
    const run = await plantReceive({ url: flood.url, messages, fsyncIntervalSeconds: 1 })
    await checkRun(run.runDir, payloads, messages)
    removeRun(run.runDir)
    return run
  }
  const bare = (): Promise<Work> => bareReceive(flood.url, messages)
  let rounds: Rounds
  try {
    rounds = await interleave(
      [
        { name: OURS, run: ours },
        { name: BARE, run: bare }
      ],
      { rounds: 5, warmUps: 1 }
    )
  } finally {
    await flood.stop()
  }
  return {
    id: 'G4',
    what: `ws receive to frame log: ${PAYLOAD_BYTES} B messages, one connection, the whole capture plant`,
    count: messages,
    counted: 'messages a round, every one of them found in the log, in order, byte for byte',
    findings: [
      { what: 'against a bare ws client', unit: 'x', figure: ratioOf(rounds, OURS, BARE), later: { atLeast: 0.5 } },
      await pacedLatency(quick, 1, {}),
      await pacedLatency(quick, SHORT_SYNC_SECONDS, { later: { atMost: 20 } })
    ],
    ratesM: ratesInMillions(rounds),
    notes: [
      'sender: another process with frames made beforehand; new files each round, synced in the background',
      'latency: median, lowest and highest p99 of the rounds; setting 1 s is the default and starts a sync every half second'
    ]
  }
}

/** p99 of receive to synced at a steady pace, over a few rounds. */
async function pacedLatency(quick: boolean, fsyncIntervalSeconds: number, bounds: Pick<Finding, 'later'>): Promise<Finding> {
  const payloads = samplePayloads()
  const messages = payloads.length * Math.round((PACED_PER_SECOND * (quick ? 1 : 3)) / payloads.length)
  const p99s: number[] = []
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const flood = await startFlood(messages, PACED_PER_SECOND)
    try {
      const disk = new WatchedDisk()
      const { runDir } = await plantReceive({ url: flood.url, messages, fsyncIntervalSeconds, disk })
      await checkRun(runDir, payloads, messages)
      const sorted = await receiveToSyncedMs(runDir, disk)
      p99s.push(sorted[Math.floor(sorted.length * 0.99)] ?? NaN)
      removeRun(runDir)
    } finally {
      await flood.stop()
    }
  }
  const figure = { median: p99s.toSorted((a, b) => a - b)[p99s.length >> 1] ?? NaN, min: Math.min(...p99s), max: Math.max(...p99s) }
  return { what: `receive to synced, p99 at 200 k/s, setting ${fsyncIntervalSeconds} s`, unit: 'ms', figure, ...bounds }
}

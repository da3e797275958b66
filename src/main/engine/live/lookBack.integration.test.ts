import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JoinProof, PlayheadFingerprint } from '../../../shared/api/index.ts'
import { framesFileName, openBundle } from '../bundle/index.ts'
import { MergedFrames, replayReport, runOfBundle, TapeRun } from '../replay/index.ts'
import { TestScreen } from '../replay/testScreen.ts'
import { ROUGH_T0_NS, writeRoughRun } from '../testing/roughRun.ts'
import type { ReplayRequestCommand } from '../threads/messages.ts'
import { LiveSession, type FramesPart } from './liveSession.ts'

type Asked<C = ReplayRequestCommand> = C extends ReplayRequestCommand ? Omit<C, 'requestId'> : never

interface Place {
  readonly shard: number
  readonly idx: number
  readonly offset: number
  readonly end: number
  readonly relNs: number
}

const SECONDS = 60
let dir = ''
let fingerprint = ''
const places: Place[] = []
let files: Buffer[] = []

beforeAll(async () => {
  dir = await writeRoughRun({ venue: 'polymarket', seed: 8, shards: 2, markets: 3, seconds: SECONDS, messagesPerSecond: 150 })
  fingerprint = (await replayReport(dir)).fingerprint
  const bundle = await openBundle(dir)
  const merged = new MergedFrames([0, 1], (shard) => bundle.openReader(shard))
  for (let frame = merged.next(); frame !== undefined; frame = merged.next())
    places.push({ shard: frame.shard, idx: frame.idx, offset: frame.offset, end: frame.nextOffset, relNs: frame.monoRelNs })
  merged.close()
  bundle.close()
  files = [0, 1].map((shard) => readFileSync(join(dir, 'capture', framesFileName(shard))))
})
afterAll(() => rmSync(dirname(dir), { recursive: true }))

let screen: TestScreen
let session: LiveSession
let taken = 0
let id = 0

beforeEach(() => {
  screen = new TestScreen()
  taken = 0
  session = new LiveSession(
    {
      runDir: dir,
      runId: 'rough-8',
      name: 'test',
      venue: 'polymarket',
      synthetic: true,
      t0WallNs: ROUGH_T0_NS,
      t0MonoNs: 0n,
      historyNs: 600e9
    },
    { ...screen.host, requestSnapshot: () => undefined }
  )
  screen.onGrant = (bytes) => session.grant(bytes)
})
afterEach(() => session.dispose())

/** The capture goes on to this second, 40 flushes a second. */
function captureTo(second: number): void {
  while (taken < places.length && places[taken]!.relNs <= second * 1e9) {
    const until = places[taken]!.relNs + 25e6
    const from = taken
    while (taken < places.length && places[taken]!.relNs <= Math.min(until, second * 1e9)) taken++
    session.frames(parts(places.slice(from, taken)), 0)
    screen.run(session, 25)
  }
}

function parts(of: readonly Place[]): FramesPart[] {
  return [0, 1].flatMap((shard) => {
    const mine = of.filter((place) => place.shard === shard)
    const [first] = mine
    if (first === undefined) return []
    const byteLength = mine.at(-1)!.end - first.offset
    const bytes = Uint8Array.from(files[shard]!.subarray(first.offset, first.offset + byteLength))
    return [{ shard, firstIdx: first.idx, fileOffset: first.offset, byteLength, bytes }]
  })
}

function ask(command: Asked): unknown {
  const requestId = ++id
  session.lookBack({ ...command, requestId })
  return answerTo(requestId)
}

function answerTo(requestId: number): unknown {
  const mine = (): (typeof screen.events)[number] | undefined =>
    screen.events.find((event) => (event.kind === 'done' || event.kind === 'failed') && event.requestId === requestId)
  screen.until(session, () => mine() !== undefined)
  const answer = mine()!
  if (answer.kind === 'failed') throw new Error(answer.failure.message)
  return answer.kind === 'done' ? answer.value : undefined
}

function rejoin(): JoinProof {
  const requestId = ++id
  session.rejoin(requestId)
  return answerTo(requestId) as JoinProof
}

async function fingerprintAt(relNs: number): Promise<string> {
  const bundle = await openBundle(dir)
  const run = new TapeRun(runOfBundle(bundle), {})
  run.advance(relNs, Infinity)
  const { sha256 } = run.tape.summary()
  run.close()
  bundle.close()
  return sha256
}

describe('looking back while the recording goes on', () => {
  test('pause, rewind, step and play show the past; the tape of the recording is not disturbed', async () => {
    captureTo(40)
    const { viewEpoch } = session.state
    ask({ kind: 'pause' })
    expect(session.state).toMatchObject({ mode: 'live', phase: 'paused', dvr: { behindNs: 0 } })
    expect(session.state.viewEpoch).toBeGreaterThan(viewEpoch)
    ask({ kind: 'seek', relNs: 10e9 })
    expect(session.state).toMatchObject({ playheadRelNs: 10e9, phase: 'paused' })
    const at10 = ask({ kind: 'fingerprint' }) as PlayheadFingerprint
    expect(at10.sha256).toBe(await fingerprintAt(10e9))
    captureTo(45)
    expect(session.state.playheadRelNs).toBe(10e9)
    expect(session.state.endRelNs).toBe(session.tape.recvRelNs)
    expect(session.state.dvr?.behindNs).toBeGreaterThan(34e9)
    ask({ kind: 'step', unit: 'second', direction: 1 })
    expect(session.state.playheadRelNs).toBe(11e9)
    ask({ kind: 'play' })
    captureTo(50)
    expect(session.state.playheadRelNs).toBeGreaterThan(15e9)
    expect(session.state.phase).toBe('playing')
    expect(screen.of('depth_1s').length).toBeGreaterThan(5)
    captureTo(SECONDS + 1)
    expect(session.ended().sha256).toBe(fingerprint)
  })

  test('played faster than it is recorded, the past meets the head, and the join is proved', () => {
    captureTo(30)
    ask({ kind: 'seek', relNs: 5e9 })
    ask({ kind: 'speed', speed: 10 })
    ask({ kind: 'play' })
    captureTo(40)
    const joined = screen.events.find((event) => event.kind === 'joined')
    expect(joined?.proof).toMatchObject({ equal: true })
    expect(joined!.proof.overlapEvents).toBeGreaterThan(1000)
    expect(joined!.proof.liveSha256).toBe(joined!.proof.replayedSha256)
    expect(session.state.dvr).toBeUndefined()
    const { viewEpoch } = session.state
    const before = screen.of('depth_1s', viewEpoch).length
    captureTo(50)
    expect(screen.of('depth_1s', viewEpoch).length).toBeGreaterThan(before + 5)
    captureTo(SECONDS + 1)
    expect(session.ended().sha256).toBe(fingerprint)
  })

  test('the head is rejoined on demand, from far behind too, and nothing is missing on the screen', () => {
    captureTo(35)
    ask({ kind: 'seek', relNs: 0 })
    const proof = rejoin()
    expect(proof).toMatchObject({ equal: true, toRelNs: session.tape.recvRelNs })
    expect(session.state).toMatchObject({ phase: 'recording', playheadRelNs: session.tape.recvRelNs })
    captureTo(45)
    screen.run(session, 500)
    const seconds = screen.of('depth_1s').map((column) => column.second)
    // The history comes beside what is played: none twice, none left out.
    expect(new Set(seconds).size).toBe(seconds.length)
    expect(Math.max(...seconds) - Math.min(...seconds)).toBeGreaterThan(40)
    expect(new Set(screen.of('timeline_1s', session.state.viewEpoch).map((record) => record.second)).size).toBeGreaterThan(35)
    expect(rejoin().equal).toBe(true)
  })

  test('heartbeats of the time in the past come when the head is rejoined, each once, in order', () => {
    captureTo(35)
    session.heartbeat('{"elapsed_ns":1}', 1n)
    screen.run(session, 100)
    ask({ kind: 'seek', relNs: 0 })
    for (const n of [2n, 3n, 4n]) session.heartbeat(`{"elapsed_ns":${n}}`, n)
    screen.run(session, 100)
    rejoin()
    session.heartbeat('{"elapsed_ns":5}', 5n)
    screen.run(session, 500)
    const last = screen.of('health').slice(-4)
    expect(last.map(({ frameIdx, text }) => [frameIdx, text])).toEqual([2, 3, 4, 5].map((n) => [n - 1, `{"elapsed_ns":${n}}`]))
  })

  test('jumps find places of the recording', () => {
    captureTo(50)
    const gaps = session.tape.counts().integrity ?? 0
    expect(gaps).toBeGreaterThan(0)
    expect(ask({ kind: 'jump', to: 'gap', direction: -1 })).toEqual({ moved: true })
    const { playheadRelNs } = session.state
    expect(playheadRelNs).toBeLessThan(session.tape.recvRelNs)
    expect(ask({ kind: 'jump', to: 'trade', direction: -1 })).toEqual({ moved: true })
    expect(session.state.playheadRelNs).toBeLessThan(playheadRelNs)
    expect(ask({ kind: 'jump', to: 'metar', direction: -1 })).toEqual({
      moved: false,
      reason: expect.stringMatching(/^There is no /) as string
    })
  })

  test('at the head a fingerprint is told without leaving it, and play changes nothing', async () => {
    captureTo(20)
    const told = ask({ kind: 'fingerprint' }) as PlayheadFingerprint
    expect(told.sha256).toBe(await fingerprintAt(told.relNs))
    ask({ kind: 'play' })
    expect(session.state.dvr).toBeUndefined()
  })

  test('a screen that does not read while the past is shown holds nothing up and gets no more than its credit', () => {
    captureTo(20)
    ask({ kind: 'seek', relNs: 2e9 })
    screen.reading = false
    session.grant(-4 * 1024 * 1024)
    screen.owed += 4 * 1024 * 1024
    const { beyondCredit } = screen
    ask({ kind: 'play' })
    captureTo(40)
    expect(screen.beyondCredit - beyondCredit).toBe(0)
    screen.read()
    captureTo(SECONDS + 1)
    expect(session.ended().sha256).toBe(fingerprint)
  })

  test('the recording may end while the past is shown', () => {
    captureTo(20)
    ask({ kind: 'seek', relNs: 2e9 })
    ask({ kind: 'play' })
    captureTo(SECONDS + 1)
    expect(session.ended().sha256).toBe(fingerprint)
    expect(session.state).toMatchObject({ phase: 'stopping', fingerprint })
  })
})

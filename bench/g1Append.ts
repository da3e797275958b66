import type { BenchOptions, GoalReport } from './goal.ts'
import { PAYLOAD_BYTES, samplePayloads } from './log/payloads.ts'
import { checkLog } from './log/readLog.ts'
import { logBytes, warmLog, writeFrameLog, writeRaw } from './log/writeLog.ts'
import { interleave, ratesInMillions, ratioOf, same } from './measure.ts'

const OURS = 'frame log bytes'
const RAW = 'raw bytes'

/** Capture append in the frame log's format against raw writes of as many bytes with the same syncs. */
export async function g1Append({ quick }: BenchOptions): Promise<GoalReport> {
  const records = quick ? 200_000 : 1_500_000
  const payloads = samplePayloads()
  const bytes = logBytes(records)
  const paths = warmLog(records)
  const source = Buffer.concat(Array.from({ length: 4 }, () => Buffer.concat(payloads))).subarray(0, 1024 * 1024)
  same('bytes written', writeFrameLog(paths, payloads, records).count, bytes.frames + bytes.idx)
  checkLog(paths, payloads, records)
  const rounds = await interleave(
    [
      { name: OURS, run: () => writeFrameLog(paths, payloads, records) },
      { name: RAW, run: () => writeRaw(paths, source, bytes) }
    ],
    { rounds: 7, warmUps: 1 }
  )
  const perRecord = (bytes.frames + bytes.idx) / records
  return {
    id: 'G1',
    what: `Frame log append: ${PAYLOAD_BYTES} B payloads, CRC each, index, synced each second and at the end, one file pair`,
    count: records,
    counted: `records of ${perRecord} B with header and index entry`,
    findings: [
      {
        what: 'against raw 1 MB writes and the same syncs',
        unit: 'x',
        figure: ratioOf(rounds, OURS, RAW),
        now: { atLeast: 0.35 },
        later: { atLeast: 0.5 }
      }
    ],
    ratesM: ratesInMillions(rounds),
    notes: [
      `both write over the same two files, whose areas are written before the first round; M/s are bytes, so ${perRecord} of them are one record`
    ]
  }
}

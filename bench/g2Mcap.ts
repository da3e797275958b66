import type { BenchOptions, GoalReport } from './goal.ts'
import { writeMcap } from './log/mcapFile.ts'
import { PAYLOAD_BYTES, samplePayloads } from './log/payloads.ts'
import { checkLog } from './log/readLog.ts'
import { warmFile } from './log/warmFile.ts'
import { logBytes, warmLog, writeFrameLog } from './log/writeLog.ts'
import { interleave, ratesInMillions, ratioOf, same } from './measure.ts'

const OURS = 'frame log'
const PLAIN = '@mcap/core'
const ZSTD = '@mcap/core zstd'

/** Writing the same payloads as a frame log and with @mcap/core, both synced at the end. */
export async function g2Mcap({ quick }: BenchOptions): Promise<GoalReport> {
  const records = quick ? 50_000 : 400_000
  const payloads = samplePayloads()
  const paths = warmLog(records)
  const { frames, idx } = logBytes(records)
  const mcapPath = warmFile('peer.mcap', 1.2 * (frames + idx))
  const writeOurs = (): { count: number; seconds: number } => {
    const { count, seconds } = writeFrameLog(paths, payloads, records)
    same('bytes of the frame log', count, frames + idx)
    return { count: records, seconds }
  }
  writeOurs()
  checkLog(paths, payloads, records)
  const rounds = await interleave(
    [
      { name: OURS, run: writeOurs },
      { name: PLAIN, run: () => writeMcap(mcapPath, payloads, records, false) },
      { name: ZSTD, run: () => writeMcap(mcapPath, payloads, records, true) }
    ],
    { rounds: 5, warmUps: 1 }
  )
  const zstdBytes = (await writeMcap(mcapPath, payloads, records, true)).bytes
  return {
    id: 'G2',
    what: `Frame log against @mcap/core: ${PAYLOAD_BYTES} B payloads, synced at the end`,
    count: records,
    counted: 'messages each',
    findings: [
      {
        what: 'against its writer, no compression',
        unit: 'x',
        figure: ratioOf(rounds, OURS, PLAIN),
        now: { atLeast: 3 },
        later: { atLeast: 4 }
      },
      { what: 'against its writer, zstd level 3', unit: 'x', figure: ratioOf(rounds, OURS, ZSTD), later: { atLeast: 2 } }
    ],
    ratesM: ratesInMillions(rounds),
    notes: [
      'the peer has 8 channels and 1 MB chunks; its statistics, indexes and CRCs are on, as by default',
      `the frame log is not compressed: ${((frames + idx) / 1e6).toFixed(0)} MB against ${(zstdBytes / 1e6).toFixed(0)} MB with zstd`
    ]
  }
}

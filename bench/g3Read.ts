import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { BenchOptions, GoalReport } from './goal.ts'
import { readMcap, writeMcap } from './log/mcapFile.ts'
import { PAYLOAD_BYTES, samplePayloads } from './log/payloads.ts'
import { openLog } from './log/readLog.ts'
import { warmFile } from './log/warmFile.ts'
import { logBytes, warmLog, writeFrameLog } from './log/writeLog.ts'
import { interleave, ratesInMillions, ratioOf, same, timed, type Work } from './measure.ts'

const OURS = 'frame log'
const CRC = 'crc32 in bulk'
const PEER = '@mcap/core indexed'

/** Reading a frame log back with every CRC checked, against one CRC over its bytes in memory and against @mcap/core in time order. */
export async function g3Read({ quick }: BenchOptions): Promise<GoalReport> {
  const records = quick ? 50_000 : 400_000
  const payloads = samplePayloads()
  const paths = warmLog(records)
  writeFrameLog(paths, payloads, records)
  const mcapPath = warmFile('peer.mcap', 1.2 * (logBytes(records).frames + logBytes(records).idx))
  const { bytes } = await writeMcap(mcapPath, payloads, records, false)
  const whole = readFileSync(paths.frames).subarray(0, logBytes(records).frames)
  const digest = logDigest(() => openLog(paths, records))
  same('payloads of frame log and MCAP file', digest, await mcapDigest(mcapPath, bytes))
  const crc = crc32(whole)
  const rounds = await interleave(
    [
      { name: OURS, run: () => timed(() => readAll(openLog(paths, records))) },
      { name: CRC, run: () => timed(() => (crc32(whole) === crc ? records : 0)) },
      { name: PEER, run: () => readPeer(mcapPath, bytes) }
    ],
    { rounds: 7, warmUps: 1 }
  )
  return {
    id: 'G3',
    what: `Verified read of a frame log: ${PAYLOAD_BYTES} B payloads, each CRC checked, from the page cache`,
    count: records,
    counted: `records, payload digest ${digest.slice(0, 16)} in both formats`,
    findings: [
      { what: 'against zlib.crc32 over the same bytes in memory', unit: 'x', figure: ratioOf(rounds, OURS, CRC), later: { atLeast: 0.4 } },
      { what: 'against the @mcap/core indexed reader', unit: 'x', figure: ratioOf(rounds, OURS, PEER), later: { atLeast: 8 } }
    ],
    ratesM: ratesInMillions(rounds),
    notes: ['the CRC limit reads no file and finds no records']
  }
}

/** Sums the lengths, so that every record is looked at. */
function readAll(reader: ReturnType<typeof openLog>): number {
  let n = 0
  let bytes = 0
  while (reader.next()) {
    n++
    bytes += reader.payloadEnd - reader.payloadStart
  }
  reader.close()
  same('payload bytes of the frame log', bytes, n * PAYLOAD_BYTES)
  return n
}

async function readPeer(path: string, bytes: number): Promise<Work> {
  let n = 0
  let payloadBytes = 0
  const begun = performance.now()
  await readMcap(path, bytes, (data) => {
    n++
    payloadBytes += data.length
  })
  const seconds = (performance.now() - begun) / 1000
  same('payload bytes of the MCAP file', payloadBytes, n * PAYLOAD_BYTES)
  return { count: n, seconds }
}

function logDigest(open: () => ReturnType<typeof openLog>): string {
  const hash = createHash('sha256')
  const reader = open()
  while (reader.next()) hash.update(reader.payload())
  reader.close()
  return hash.digest('hex')
}

async function mcapDigest(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  await readMcap(path, bytes, (data) => hash.update(data))
  return hash.digest('hex')
}

import { FrameReader } from '../../src/main/engine/bundle/index.ts'
import { same } from '../measure.ts'
import { logBytes, type LogPaths } from './writeLog.ts'

/** Opens the log that `writeFrameLog` made of so many records; every payload is checked against its CRC. */
export function openLog(paths: LogPaths, records: number): FrameReader {
  return new FrameReader({ path: paths.frames, shard: 0, t0MonoNs: 0n, t0WallNs: 0n, endOffset: logBytes(records).frames })
}

/** Reads everything back. @throws Error when a payload is not the one that was appended, or one is missing */
export function checkLog(paths: LogPaths, payloads: readonly Buffer[], records: number): void {
  const reader = openLog(paths, records)
  let n = 0
  while (reader.next()) {
    if (!reader.payload().equals(payloads[n % payloads.length]!)) throw new Error(`record ${n} is not what was appended`)
    n++
  }
  reader.close()
  same('records read back', n, records)
}

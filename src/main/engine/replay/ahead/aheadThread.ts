import { receiveMessageOnPort } from 'node:worker_threads'
import { toFailure } from '../../../../shared/errors.ts'
import { FrameReader, openIdx } from '../../bundle/log/index.ts'
import { MergedFrames, type ShardPosition } from '../mergedFrames.ts'
import { BEGIN, READY, setWord, waitForWord, type AheadBirth, type AheadSource, type AheadStart } from './aheadRing.ts'
import { AheadWriter } from './aheadWriter.ts'

/** A tape that is paused does not ask; one that is closed stops the ring. */
const START_LIMIT_MS = 24 * 60 * 60 * 1000

/** Reads, checks, merges and scans a run's frames until its end, as far ahead of the tape as the ring allows. */
export function readAhead({ ring, port, source }: AheadBirth): void {
  const control = new Int32Array(ring.control)
  const writer = new AheadWriter(ring, port, source.venue)
  setWord(control, READY, 1)
  if (!waitForWord(control, BEGIN, 1, START_LIMIT_MS)) return
  const start = receiveMessageOnPort(port)?.message as AheadStart
  const begin = new Map<number, ShardPosition>(start.map(([shard, idx, offset]) => [shard, { idx, offset }]))
  try {
    const shards = source.shards.map(({ shard }) => shard)
    const frames = new MergedFrames(shards, (shard, position) => openShard(source, shard, position), begin)
    frames.onMissing = (missing) => writer.missing(missing)
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) if (!writer.frame(frame)) return
    writer.end()
  } catch (error) {
    writer.failed(toFailure(error))
  }
}

/** The same reader that a bundle opens for its run. */
function openShard({ shards, t0MonoNs, t0WallNs, windowBytes }: AheadSource, shard: number, position?: ShardPosition): FrameReader {
  const { framesPath, idxPath, version, validBytes } = shards.find((log) => log.shard === shard)!
  return new FrameReader({
    path: framesPath,
    shard,
    t0MonoNs,
    t0WallNs,
    endOffset: validBytes,
    onDamage: 'skip',
    idx: openIdx(idxPath, { version, t0MonoNs, t0WallNs }),
    windowBytes,
    ...(position === undefined ? {} : { startOffset: position.offset, startIdx: position.idx })
  })
}

import { existsSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { openIdx, type OpenBundle, type ShardLog } from '../bundle/index.ts'

/**
 * An index that is missing, short or torn was completed at opening, and a slice can be cut by it. One that contradicts the log is refused: which of
 * the two is right is for the operator to find out.
 * @throws StudioError BUNDLE_DAMAGED
 */
export function refuseContradictingIndex(bundle: OpenBundle, log: ShardLog): void {
  if (!bundle.verdict.repairedIdx.includes(log.shard)) return
  const path = log.framesPath.replace(/\.frames$/, '.idx')
  if (!existsSync(path)) return
  const { t0MonoNs, t0WallNs } = bundle
  const found = openIdx(path, { version: log.idx.version, t0MonoNs, t0WallNs })
  try {
    const count = Math.min(found.count, log.records)
    for (let entry = 0; entry < count; entry++) {
      found.read(entry)
      log.idx.read(entry)
      const { offset, monoRelNs, wallRelNs, length, crc } = log.idx
      const same =
        found.offset === offset &&
        found.monoRelNs === monoRelNs &&
        found.wallRelNs === wallRelNs &&
        found.length === length &&
        found.crc === crc
      if (!same)
        throw new StudioError(
          'BUNDLE_DAMAGED',
          `Entry ${entry} of the index of shard ${log.shard} does not describe the record in the frame log; no slice was made. Check the run with capture-verify. File: ${path}`
        )
    }
  } finally {
    found.close()
  }
}

import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { SegmentEntry } from './journalManifest.ts'
import { parseJournalLine } from './lineParser.ts'
import { parseCheckpoints, provedBytes } from './provedBytes.ts'
import { writeAll, type RecordDisk } from './recordDisk.ts'
import { segmentLines, type TextEnd } from './segmentLines.ts'
import { checksName, finishedName, parseSegmentName, salvageName } from './segmentName.ts'
import { ZstdStream } from './zstdStream.ts'

/** What was saved of a segment that was never finished. */
export interface SavedSegment {
  /** The finished segment, in place. */
  readonly path: string
  /** Its entry for the manifest, without `path` and `created_at`. */
  readonly entry: Omit<SegmentEntry, 'path' | 'created_at'>
}

/**
 * Makes a finished segment of a pending one: of the bytes that its checkpoints prove, or without any of what can be decoded, up to the last
 * whole line that is ours. Says in `salvaged` what that left out. The pending file stays; `removePending` is the caller's last step.
 * @throws the operating system's error, or Error when proved bytes cannot be read as what they are proved to be; nothing was changed then
 */
export async function salvageSegment(disk: RecordDisk, pendingPath: string): Promise<SavedSegment> {
  const size = statSync(pendingPath).size
  const checks = parseCheckpoints(disk.readText(checksOf(pendingPath)) ?? '')
  const { check, last } = provedBytes(pendingPath, checks)
  const path = join(dirname(pendingPath), finishedName(basename(pendingPath)))
  const startRelNs = parseSegmentName(basename(pendingPath))?.startRelNs ?? 0
  const isProved = last !== undefined
  const end: TextEnd = { tornBytes: 0 }
  const what = isProved ? { bytes: check?.bytes ?? 0, lines: check?.lines ?? 0 } : { bytes: size, lines: undefined }
  const saved = await rewrite(disk, { from: pendingPath, ...what, to: path, startRelNs, end })
  const salvaged = isProved
    ? { lost_bytes: size - (check?.bytes ?? 0), lost_lines: last.lines - saved.lines, ...(last === check ? {} : { damaged: true }) }
    : { lost_bytes: end.tornBytes, unproved: true }
  return { path, entry: { ...saved, pending: false, salvaged } }
}

/** Removes what `salvageSegment` has saved. */
export function removePending(disk: RecordDisk, pendingPath: string): void {
  disk.remove(pendingPath)
  disk.remove(checksOf(pendingPath))
}

/** Where the checkpoints of a pending segment are. */
export function checksOf(pendingPath: string): string {
  return join(dirname(pendingPath), checksName(finishedName(basename(pendingPath))))
}

/** What the content of a segment says by itself. */
export type Rewritten = Pick<SegmentEntry, 'start_t' | 'end_t' | 'lines' | 'bytes' | 'sha256'>

interface Rewrite {
  readonly from: string
  readonly bytes: number
  /** How many lines these bytes are proved to hold; undefined when nothing is proved. */
  readonly lines: number | undefined
  readonly to: string
  readonly startRelNs: number
  readonly end: TextEnd
}

async function rewrite(disk: RecordDisk, work: Rewrite): Promise<Rewritten> {
  const temporary = salvageName(work.to)
  disk.remove(temporary)
  const saved = await copyLines(disk, disk.create(temporary), work)
  // Bytes that are as they were acknowledged give the lines that were acknowledged, or the disk or this program is at fault; what is there stays.
  if (work.lines !== undefined && saved.lines !== work.lines) {
    disk.remove(temporary)
    throw new Error(`its checkpoints vouch for ${work.lines} lines and ${saved.lines} can be read`)
  }
  disk.rename(temporary, work.to)
  disk.syncFolder(dirname(work.to))
  return saved
}

async function copyLines(disk: RecordDisk, fd: number, { from, bytes, startRelNs, end }: Rewrite): Promise<Rewritten> {
  const hash = createHash('sha256')
  let written = 0
  const zstd = new ZstdStream((out) => {
    writeAll(disk, fd, out)
    hash.update(out)
    written += out.length
  })
  const facts = { lines: 0, start_t: startRelNs, end_t: startRelNs }
  try {
    for await (const lines of wholeLines(from, bytes, end)) {
      const times = lines.map((line) => parseJournalLine(line)?.recvRelNs)
      const stop = times.indexOf(undefined)
      const good = stop < 0 ? lines : lines.slice(0, stop)
      if (facts.lines === 0) facts.start_t = times[0] ?? startRelNs
      if (good.length > 0) {
        await zstd.write(Buffer.from(`${good.join('\n')}\n`, 'utf8'))
        facts.lines += good.length
        facts.end_t = times[good.length - 1] ?? facts.end_t
      }
      if (stop >= 0) break
    }
    await zstd.end()
    disk.syncNow(fd)
  } finally {
    zstd.destroy()
    disk.close(fd)
  }
  return { ...facts, bytes: written, sha256: hash.digest('hex') }
}

/** What can be decoded; where it cannot go on, the lines so far are what there is. */
async function* wholeLines(path: string, bytes: number, end: TextEnd): AsyncGenerator<string[]> {
  const lines = segmentLines(path, bytes, end)
  for (;;) {
    try {
      const next = await lines.next()
      if (next.done === true) return
      yield next.value
    } catch {
      return
    }
  }
}

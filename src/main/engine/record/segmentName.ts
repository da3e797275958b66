const NAME = /^segment_(\d{8}_\d{6})_(\d+)(_\d+)?(_pending)?\.jsonl\.zst$/

export interface SegmentName {
  readonly isPending: boolean
  /** Receive time of its first line, ns since the run's origin. */
  readonly startRelNs: number
}

/** @returns undefined for a file that is no segment */
export function parseSegmentName(file: string): SegmentName | undefined {
  const parts = NAME.exec(file)
  return parts === null ? undefined : { isPending: parts[4] !== undefined, startRelNs: Number(parts[2]) }
}

/**
 * Name of a finished segment.
 * @param stamp UTC of its first line, `YYYYMMDD_HHMMSS`
 * @param copy from 2 on when the name is taken
 */
export function segmentName(stamp: string, startRelNs: number, copy = 1): string {
  return `segment_${stamp}_${Math.max(0, Math.trunc(startRelNs))}${copy === 1 ? '' : `_${copy}`}.jsonl.zst`
}

/** Name of the same segment while it is written. */
export function pendingName(finished: string): string {
  return finished.replace(/\.jsonl\.zst$/, '_pending.jsonl.zst')
}

export function finishedName(pending: string): string {
  return pending.replace(/_pending\.jsonl\.zst$/, '.jsonl.zst')
}

/** Name of the file of checkpoints beside a segment, until the manifest knows it. */
export function checksName(finished: string): string {
  return finished.replace(/\.jsonl\.zst$/, '_pending.checks')
}

/** @returns the name of the segment that a file of checkpoints belongs to; undefined for any other file */
export function finishedOfChecks(file: string): string | undefined {
  const [, stem] = /^(segment_\w+)_pending\.checks$/.exec(file) ?? []
  return stem === undefined ? undefined : `${stem}.jsonl.zst`
}

/** Name of a segment while salvage makes it anew. */
export function salvageName(finished: string): string {
  return `${finished}.salvage`
}

export function isSalvageCopy(file: string): boolean {
  return /^segment_\w+\.jsonl\.zst\.salvage$/.test(file)
}

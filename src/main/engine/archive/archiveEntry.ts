/** One thing inside an archive, whatever the archive's kind. */
export interface ArchiveEntry {
  /** As the archive spells it; not to be trusted. */
  readonly path: string
  readonly type: 'file' | 'directory'
  /** What the archive claims; reading fails when it is not so. */
  readonly sizeBytes: number
  /** The content, once, in order. An entry that is not read is skipped by going on to the next. */
  read(): AsyncIterable<Buffer>
}

/** Where the reader of an archive reports to. */
export interface EntrySource {
  readonly path: string
  readonly signal: AbortSignal
  /** Counts bytes that came out of a decompressor; throws when they are too many. */
  readonly onUnpacked: (bytes: number) => void
  /** Share of the archive that has been read, 0..1. */
  readonly onProgress: (share: number) => void
}

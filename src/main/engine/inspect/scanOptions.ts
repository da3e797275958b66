/** What every command over a finished run accepts. */
export interface ScanOptions {
  /** Called now and then with the share that is done, 0..1. */
  readonly onProgress?: (share: number) => void
  /** Aborting makes the call throw the signal's reason. */
  readonly signal?: AbortSignal
}

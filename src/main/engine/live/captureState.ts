import type { CaptureState } from '../../../shared/api/index.ts'

/** The counters of a heartbeat that the screen shows; undefined when it cannot be read. */
export function captureState(text: string): CaptureState | undefined {
  try {
    const hb = JSON.parse(text) as Record<string, unknown>
    const number = (key: string): number => (typeof hb[key] === 'number' ? hb[key] : 0)
    return {
      frames: number('frames'),
      bytes: number('bytes_written'),
      // Bytes of the index are among those that were written, and so among those that are safe.
      syncedBytes: sumOf(hb['synced_bytes']) + sumOf(hb['idx_synced_bytes']),
      framesPerSecond: number('msgs_per_sec'),
      reconnects: number('reconnects')
    }
  } catch {
    return undefined
  }
}

function sumOf(byShard: unknown): number {
  return Object.values((byShard ?? {}) as Record<string, number>).reduce((sum, n) => sum + n, 0)
}

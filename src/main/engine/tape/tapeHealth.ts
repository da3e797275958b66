import type { TapeHealth } from '../threads/captureMessages.ts'
import type { Tape } from './tape.ts'

/** What a tape knows of its sources, as of its newest frame: the same live, in replay and after a seek. */
export function tapeHealth({ books, seconds, world, options }: Tape): TapeHealth {
  const { exchTsMs, recvRelNs } = books.told
  const latencyMs = Number(options.originTsNs / 1000n) / 1000 + recvRelNs / 1e6 - exchTsMs
  return {
    gaps: seconds.gapsTotal,
    resyncs: books.resyncs,
    venueLatencyS: latencyMs === latencyMs ? Math.round(latencyMs) / 1000 : undefined,
    sources: world.sources().map(({ stationId, name, ...source }) => ({ name: `${name.toLowerCase()}/${stationId}`, ...source }))
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { WINDOW_TRIGGERS } from '../../../shared/channels/index.ts'
import { publishFile } from '../bundle/index.ts'
import { TAPE_VERSION } from '../tape/index.ts'
import type { JumpIndex, JumpPlaces } from './jumpIndex.ts'

const FILE = 'jumps.json'
const VERSION = 1
/** A run with more is indexed anew at each opening. */
const MAX_BYTES = 16 * 1024 * 1024

const ascending = z.array(z.number()).refine((times) => times.every((at, i) => i === 0 || at > times[i - 1]!))
const schema = z.object({
  jumps_version: z.literal(VERSION),
  tape_version: z.literal(TAPE_VERSION),
  fingerprint: z.string(),
  metar: ascending,
  window: ascending,
  shock: ascending,
  gap: ascending,
  windows: z.array(
    z.object({
      from_rel_ns: z.number(),
      to_rel_ns: z.number().optional(),
      trigger: z.enum(WINDOW_TRIGGERS),
      instrument: z.number(),
      station: z.string().optional(),
      reason: z.string()
    })
  )
})

/** Keeps the places of a recording that has ended, so that they need not be looked for at the next opening. What cannot be written is made again then. */
export function writeJumps(runDir: string, jumps: JumpIndex, fingerprint: string): void {
  const { times, windows } = jumps.places()
  const content = JSON.stringify({
    jumps_version: VERSION,
    tape_version: TAPE_VERSION,
    fingerprint,
    ...times,
    windows: windows.map(({ fromRelNs, toRelNs, trigger, instrumentId, stationId, reason }) => ({
      from_rel_ns: fromRelNs,
      to_rel_ns: toRelNs,
      trigger,
      instrument: instrumentId,
      station: stationId,
      reason
    }))
  })
  if (content.length > MAX_BYTES) return
  // In ASCII, as all JSON files of a bundle.
  const ascii = content.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  try {
    publishFile(join(runDir, FILE), `${ascii}\n`)
  } catch {
    // A full disk must not spoil the end of a recording.
  }
}

/** @returns undefined when there is no such file, or it belongs to other events than those of this fingerprint */
export function readJumps(runDir: string, fingerprint: string | undefined): JumpPlaces | undefined {
  if (fingerprint === undefined) return undefined
  const file = schema.safeParse(parsed(join(runDir, FILE))).data
  if (file?.fingerprint !== fingerprint) return undefined
  const { metar, window, shock, gap } = file
  return {
    times: { metar, window, shock, gap },
    windows: file.windows.map(({ from_rel_ns, to_rel_ns, trigger, instrument, station, reason }) => ({
      fromRelNs: from_rel_ns,
      ...(to_rel_ns !== undefined && { toRelNs: to_rel_ns }),
      trigger,
      instrumentId: instrument,
      ...(station !== undefined && { stationId: station }),
      reason
    }))
  }
}

function parsed(path: string): unknown {
  try {
    const bytes = readFileSync(path)
    return bytes.length > MAX_BYTES ? undefined : JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

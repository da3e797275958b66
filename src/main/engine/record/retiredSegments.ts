import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A segment that is listed and went on purpose: the lake holds its events, and the proof says so. */
export interface RetiredSegment {
  /** Below the journal's folder. */
  readonly path: string
  /** Of the file as it was. */
  readonly sha256: string
  /** Below the lake. */
  readonly proof: string
}

const schema = z.array(z.object({ path: z.string(), sha256: z.string(), proof: z.string() }))

/**
 * What `retired.json` beside a channel's manifest says. A damaged or missing file says nothing: segments that are not there then count as lost.
 * @param channelDir `journal/ch=…`
 */
export function readRetired(channelDir: string): readonly RetiredSegment[] {
  try {
    return schema.safeParse(JSON.parse(readFileSync(join(channelDir, 'retired.json'), 'utf8'))).data ?? []
  } catch {
    // Nothing went, or nobody can know.
    return []
  }
}

import type { Channel } from '../../../shared/channels/index.ts'
import { uuidV5 } from '../tape/index.ts'
import { sqlText } from './columns.ts'

/** Namespace of Tapedeck's own ids, as in `tape/eventId.ts`; a test compares the two. */
const PROJECT_NAMESPACE = '6f1d2c58-9b1e-5d0a-8c7e-2f4b7a913e60'

/** SQL for the hash behind an event's id, from its place in the columns shard, frame_idx and pos. */
export function eventHashSql(runId: string): string {
  return hashSql(runId, "concat(shard, ':', frame_idx, ':', pos)")
}

/** The same for the frame that caused the event; an event window keeps that of the frame that opened it. */
export function frameHashSql(runId: string, channel: Channel): string {
  const [shard, frame] = channel.name === 'event_window' ? ['cause_shard', 'cause_frame_idx'] : ['shard', 'frame_idx']
  return hashSql(runId, `concat(${shard}, ':', ${frame})`)
}

function hashSql(runId: string, name: string): string {
  const namespace = uuidV5(PROJECT_NAMESPACE, runId).replaceAll('-', '')
  return `sha1(unhex(${sqlText(namespace)}) || encode(${name}))`
}

/** UUID version 5 (RFC 9562) of the hash in column `h`, as text. */
export function uuidSql(h: string): string {
  // Digit 13 is the version; the top two bits of digit 17 are 10.
  const variant = `translate(substr(${h}, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab')`
  return `concat(substr(${h}, 1, 8), '-', substr(${h}, 9, 4), '-5', substr(${h}, 14, 3), '-', ${variant}, substr(${h}, 18, 3), '-', substr(${h}, 21, 12))`
}

import { createHash } from 'node:crypto'

/** Namespace of Tapedeck's own ids; never changes. */
const PROJECT_NAMESPACE = '6f1d2c58-9b1e-5d0a-8c7e-2f4b7a913e60'

/**
 * Name-based UUID of RFC 9562, version 5 (SHA-1).
 * @param namespace another UUID as text
 */
export function uuidV5(namespace: string, name: string): string {
  return uuidOf(Buffer.from(namespace.replaceAll('-', ''), 'hex'), name)
}

function uuidOf(namespace: Buffer, name: string): string {
  const hash = createHash('sha1').update(namespace).update(name, 'utf8').digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * Ids of a run's events are derived, not drawn: the same bytes give the same ids. The run's id names a namespace, and in it
 * `shard:frame:position` names an event and `shard:frame` the frame that caused it, which is the event's correlation id.
 */
export function eventIdsOf(runId: string): (shard: number, frameIdx: number, pos?: number) => string {
  const namespace = runNamespace(runId)
  return (shard, frameIdx, pos) => uuidOf(namespace, pos === undefined ? `${shard}:${frameIdx}` : `${shard}:${frameIdx}:${pos}`)
}

/** The 16 bytes that name a run among all runs; its events are named in it. */
export function runNamespace(runId: string): Buffer {
  return Buffer.from(uuidV5(PROJECT_NAMESPACE, runId).replaceAll('-', ''), 'hex')
}

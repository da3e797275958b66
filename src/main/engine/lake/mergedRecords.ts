import { AT_WIRE_ID } from '../../../shared/channels/index.ts'
import { compareKeys, RecordBatch, type TapeKey } from './recordBatch.ts'
import { RecordCursor } from './recordCursor.ts'

const OUT_BYTES = 256 * 1024

interface Head {
  readonly cursor: RecordCursor
  key: TapeKey
  wireId: number
}

/**
 * Records of several streams, each in the order of the tape, as one stream in that order. Batches are used again: take what you need before
 * you ask for the next one. All streams are ended when this one is.
 */
export async function* mergedRecords(streams: readonly AsyncIterable<RecordBatch>[]): AsyncGenerator<RecordBatch> {
  const cursors = streams.map((stream) => new RecordCursor(stream))
  const out = new RecordBatch(OUT_BYTES)
  try {
    const heads: Head[] = []
    for (const cursor of cursors) if (await cursor.next()) heads.push(headOf(cursor))
    while (heads.length > 0) {
      const first = firstOf(heads)
      out.push(first.cursor.bytes())
      // Most records are followed by one of the same block: then nothing is waited for.
      const more = first.cursor.hasMore ? first.cursor.step() : await first.cursor.next()
      if (more) Object.assign(first, headOf(first.cursor))
      else heads.splice(heads.indexOf(first), 1)
      if (out.used < OUT_BYTES) continue
      yield out
      out.clear()
    }
    if (out.count > 0) yield out
  } finally {
    for (const cursor of cursors) await cursor.close()
  }
}

function headOf(cursor: RecordCursor): Head {
  const { batch, row } = cursor
  return { cursor, key: cursor.key(), wireId: batch!.view.getUint8(batch!.starts[row]! + AT_WIRE_ID) }
}

/** With so few streams a plain look at each is as quick as a heap. */
function firstOf(heads: readonly Head[]): Head {
  let first = heads[0]!
  for (let i = 1; i < heads.length; i++) {
    const head = heads[i]!
    const order = head.key.recvRelNs - first.key.recvRelNs || compareKeys(head.key, first.key) || head.wireId - first.wireId
    if (order < 0) first = head
  }
  return first
}

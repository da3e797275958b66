import { FLAG_NOTE } from '../../bundle/index.ts'
import { parseNote, subscribedKeys, type Note, type TapeFrame } from '../../tape/index.ts'
import type { Trust } from './trust.ts'

/** What the plant's own notes say of its connections, for the trust. */
export class ConnectionNotes {
  readonly #trust: Trust

  constructor(trust: Trust) {
    this.#trust = trust
  }

  /** @returns the note when it is about a connection */
  take(frame: TapeFrame): Note | undefined {
    if ((frame.flags & FLAG_NOTE) === 0) return undefined
    const { payloadBuffer: buf, payloadStart: from, payloadEnd: to } = frame
    // Nearly all notes are watermarks: a look is cheaper than to parse them.
    const head = Buffer.from(buf.buffer, buf.byteOffset + from, Math.min(40, to - from)).toString('latin1')
    if (!head.includes('"conn_') && !head.includes('"unsubscribed"')) return undefined
    const note = parseNote(buf, from, to)
    if (note?.note === 'conn_open') this.#trust.subscribed(frame.shard, subscribedKeys(note))
    return note
  }
}

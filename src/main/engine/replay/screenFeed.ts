import { FRAME_KIND, frameHeader, INITIAL_CREDIT_BYTES, type FrameKind } from '../../../shared/api/index.ts'
import { copyForScreen, OutBuffer } from '../tape/index.ts'
import type { Played } from './outlet.ts'

/** Display frames a second at which the ladder is renewed. */
const LADDER_EVERY_NS = 33_000_000

/** Batches what a screen needs of a tape and sends it under a view epoch, within byte credit. */
export class ScreenFeed {
  /** Rises whenever the screen must forget what it drew. */
  viewEpoch = 0
  watchedId = 0
  /** What may still be sent. */
  creditBytes = INITIAL_CREDIT_BYTES
  readonly #played = new OutBuffer()
  readonly #send: (frame: Uint8Array) => void
  #ladderAtNs = -Infinity
  /** A ladder was due while there was no credit. */
  #ladderOwed = false

  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send
  }

  /** False when the screen is behind: the session then waits instead of sending more. */
  get hasCredit(): boolean {
    return this.creditBytes > 0
  }

  /** Something was played that the screen has not got. */
  get isLate(): boolean {
    return this.#ladderOwed || this.#played.length > 0
  }

  /** Bytes that were played and not sent yet. */
  get waitingBytes(): number {
    return this.#played.length
  }

  grant(bytes: number): void {
    this.creditBytes += bytes
  }

  /** Takes records of the tape, to be handed to `TapeOptions.onRecords`. */
  readonly onRecords = (bytes: Uint8Array, length: number): void => copyForScreen(bytes, length, this.watchedId, this.#played)

  /** Takes records of the screen's channels, to be handed to `TapeOptions.onView`. */
  readonly onView = (bytes: Uint8Array, length: number): void => this.#played.append(bytes, 0, length)

  /** Takes a record that the tape did not write. */
  append(bytes: Uint8Array): void {
    this.#played.append(bytes, 0, bytes.length)
  }

  /** Forgets what waits and starts the next epoch. */
  reset(): void {
    this.#played.take()
    this.#ladderOwed = false
    this.viewEpoch++
    this.#ladderAtNs = -Infinity
  }

  /** Sends what was played since the last call, with the ladder when it is due. Without credit it all waits for a later call. */
  flush(played: Played, nowNs: number, force = false): void {
    if (!this.hasCredit) {
      played.drain()
      this.#ladderOwed ||= force
      return
    }
    if (this.watchedId > 0 && (force || this.#ladderOwed || nowNs - this.#ladderAtNs >= LADDER_EVERY_NS)) {
      this.#ladderAtNs = nowNs
      this.#ladderOwed = false
      played.showLadder(this.watchedId)
    }
    played.drain()
    if (this.#played.length > 0) this.send(FRAME_KIND.played, this.#played.take())
  }

  send(kind: FrameKind, body: Uint8Array): void {
    if (body.length === 0) return
    const frame = frameHeader(kind, this.viewEpoch, body)
    this.creditBytes -= frame.length
    this.#send(frame)
  }
}

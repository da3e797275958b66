import type { Played } from '../replay/index.ts'
import type { Listener } from './listener.ts'

/** How what is played is told to clients, and the state of a moment too. */
export interface Telling {
  readonly listeners: Set<Listener>
  /** Takes records of a tape as they are played. */
  records(bytes: Uint8Array, length: number): void
  /** Takes records of a tape that a seek comes by. */
  sought(bytes: Uint8Array, length: number): void
  /** Takes records of a day's run as they are played, as that run recorded them. */
  recorded(run: number, bytes: Uint8Array): void
  /** Everything received at or before this time has been told. */
  reached(relNs: number): void
  /**
   * Tells the state as of a time to some of the clients.
   * @param sought what has just been brought there, and goes on from there; undefined in the middle of playing
   */
  state(relNs: number, to: readonly Listener[], sought: Played | undefined): void
}

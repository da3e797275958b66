/** What an outlet needs of what is played. */
export interface Played {
  /** Receive time of the last frame that was played. */
  readonly recvRelNs: number
  /** Hands out what was played since the last call. */
  drain(): void
  /** Tells the book of an instrument as it is now; nothing for one that is not known. */
  showLadder(instrumentId: number): void
  /** Of raw frames: the START of every event window that is open. */
  openWindows?(): Uint8Array[]
}

/** Where what is played goes: a screen, or a stream of lines. It never holds the replay up but by `hasCredit`. */
export interface Outlet {
  /** Rises whenever what was shown must be forgotten. */
  readonly viewEpoch: number
  /** False when the receiver is behind: the replay then waits instead of sending more. */
  readonly hasCredit: boolean
  /** Records of the tape as they are played; a seek's own frames are not among them. Valid during the call. */
  onRecords(bytes: Uint8Array, length: number): void
  /** Records that a seek comes by, from the mark before its place on. Valid during the call. */
  onSought?(bytes: Uint8Array, length: number): void
  /** Records of the screen's channels, in the same way. */
  onView(bytes: Uint8Array, length: number): void
  /** Of a recorded day: the records of one of its runs as that run recorded them, in the same order. Valid during the call. */
  onRecorded?(run: number, bytes: Uint8Array): void
  grant(bytes: number): void
  /** Another instrument is looked at. */
  watch(instrumentId: number): void
  /** What was shown is over: the state as of this time follows; undefined when the time stays. @param played stands there */
  reset(relNs: number | undefined, played: Played): void
  /** Everything that a receiver needs for the present moment, after a reset or a choice. */
  fill(played: Played, relNs: number): void
  /** Sends what was played, drained first. @param force show the present moment too, however short ago it was shown */
  flush(played: Played, force: boolean): void
  /** Everything received at or before this time has been played. */
  moved(relNs: number): void
  /** The index has come further. */
  indexed(): void
  /** A receiver came or fell behind: all is sent again. */
  refresh(): void
  /** Work besides playing, and what had to wait for credit. @returns true while there is more of it */
  tick(played: Played): boolean
  close(): void
}

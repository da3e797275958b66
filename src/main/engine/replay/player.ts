import type { PlayheadFingerprint, SessionState } from '../../../shared/api/index.ts'
import type { Tape } from '../tape/index.ts'
import { LatestEvents } from './latestEvents.ts'
import type { Outlet } from './outlet.ts'
import type { RunPlayer } from './playable.ts'
import type { ReplaySource } from './replaySource.ts'
import type { RecordedTape } from '../record/index.ts'
import { recordedTapeOf, TapeRun } from './runTape.ts'
import { seekTo } from './seekIndex.ts'

/** The tape that is played, and where it stands. */
export class Player implements RunPlayer {
  readonly latest = new LatestEvents()
  readonly #source: ReplaySource
  readonly #run: TapeRun
  readonly #recorded: RecordedTape | undefined
  /** A seek is under way: what the tape says then is not played. */
  #silent = false

  constructor(source: ReplaySource, outlet: Pick<Outlet, 'onRecords' | 'onSought' | 'onView'>) {
    this.#source = source
    this.#recorded = recordedTapeOf(source.run)
    this.#run = new TapeRun(source.run, {
      onRecords: (bytes, length) => {
        this.latest.take(bytes, length)
        this.#recorded?.take(bytes, length)
        if (this.#silent) outlet.onSought?.(bytes, length)
        else outlet.onRecords(bytes, length)
      },
      onView: (bytes, length) => {
        if (!this.#silent) outlet.onView(bytes, length)
      }
    })
  }

  get tape(): Tape {
    return this.#run.tape
  }

  get recvRelNs(): number {
    return this.tape.recvRelNs
  }

  get counts(): SessionState['counts'] {
    return this.tape.counts()
  }

  drain(): void {
    this.tape.drain()
  }

  showLadder(instrumentId: number): void {
    this.tape.showLadder(instrumentId)
  }

  openWindows(): Uint8Array[] {
    return this.tape.windows.starts()
  }

  watch(instrumentId: number): void {
    this.tape.seconds.watchedId = instrumentId
  }

  /** Nothing is left to be played, not even what was written since the last look at a run that is being recorded. */
  isAtEnd(): boolean {
    const run = this.#run
    if (run.nextRelNs === undefined && this.#source.index.growing) run.reopen(this.#source.run, run.positions())
    return run.nextRelNs === undefined
  }

  /** As `TapeRun.advance`. */
  advance(untilRelNs: number, maxFrames: number): number {
    const n = this.#run.advance(untilRelNs, maxFrames)
    return n < maxFrames && this.#source.index.growing && !this.isAtEnd() ? n + this.#run.advance(untilRelNs, maxFrames - n) : n
  }

  /** Plays one frame that says something of a market. Notes of the plant are frames too. */
  stepMarketEvent(): void {
    const { books } = this.tape
    const before = books.marketEvents
    while (books.marketEvents === before && !this.isAtEnd()) this.#run.advance(Infinity, 1)
  }

  seek(relNs: number): void {
    this.#silent = true
    seekTo(this.#source.index, this.#run, relNs, ({ latest, recorded }) => {
      this.latest.restore(latest)
      if (recorded !== undefined) this.#recorded?.restore(recorded)
    })
    this.#silent = false
  }

  /** SHA-256 of all events so far. Marks carry the state of the sum, so a seek gives the same as having played there. */
  fingerprint(relNs: number): PlayheadFingerprint {
    const { sha256 } = this.tape.summary()
    const recorded = this.#recorded?.summary()
    return {
      relNs,
      sha256,
      events: this.tape.fingerprint.events,
      ...(recorded !== undefined && { recorded: { sha256: recorded.sha256, events: recorded.events } })
    }
  }

  close(): void {
    this.#run.close()
  }
}

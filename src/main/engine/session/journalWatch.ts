import { finiteNumber, jsonRecord } from '../../../shared/gates/index.ts'

/** After so many heartbeats without more of it a trouble is over. A disk that refuses is tried again after up to 30 s. */
const CALM_BEATS = { none: 0, behind: 5, refused: 40 } as const

export interface JournalNotice {
  readonly level: 'info' | 'warning'
  readonly text: string
}

/** Says when the recorder of a running capture falls behind or is refused by the disk, and when that is over: once each, however long it lasts. */
export class JournalWatch {
  #missed = 0
  #faults = 0
  #trouble: keyof typeof CALM_BEATS = 'none'
  #calmBeats = 0

  /** Takes a heartbeat, JSON text. @returns what the user is told now */
  take(heartbeat: string): JournalNotice | undefined {
    const beat = jsonRecord(heartbeat) ?? {}
    const missed = finiteNumber(beat, 'journal_missed_lines') ?? this.#missed
    const faults = finiteNumber(beat, 'journal_faults') ?? this.#faults
    const [isBehind, isRefused] = [missed > this.#missed, faults > this.#faults]
    this.#missed = missed
    this.#faults = faults
    if (isBehind || isRefused) this.#calmBeats = 0
    else if (this.#trouble !== 'none') this.#calmBeats++
    if (isBehind && this.#trouble !== 'behind') return this.#enter('behind')
    if (isRefused && this.#trouble === 'none') return this.#enter('refused')
    return this.#trouble !== 'none' && this.#calmBeats >= CALM_BEATS[this.#trouble] ? this.#leave() : undefined
  }

  #enter(trouble: 'behind' | 'refused'): JournalNotice {
    this.#trouble = trouble
    const what =
      trouble === 'behind'
        ? `The journal cannot keep up: ${events(this.#missed)} in the raw recording only so far.`
        : 'The disk refuses to take the journal; it is tried again, and what waits is kept in memory.'
    return { level: 'warning', text: `${what} The raw recording goes on and loses nothing. Look at free space and load of this computer.` }
  }

  #leave(): JournalNotice {
    this.#trouble = 'none'
    this.#calmBeats = 0
    if (this.#missed === 0) return { level: 'info', text: 'The disk takes the journal again; nothing of it is missing.' }
    return {
      level: 'info',
      text: `The journal keeps up again; ${events(this.#missed)} in the raw recording only. When the recording has ended, tapedeck journal-rebuild makes a whole journal from it.`
    }
  }
}

function events(count: number): string {
  return count === 1 ? '1 event is' : `${count} events are`
}

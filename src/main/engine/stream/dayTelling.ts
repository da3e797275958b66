import type { Played, RecordedDay, RecordedEvent } from '../replay/index.ts'
import { LineFan } from './lineFan.ts'
import type { Listener } from './listener.ts'
import type { Telling } from './telling.ts'

/** Tells the events of a day as they were recorded, each in the words of its own run. Heartbeats are among them. */
export class DayTelling implements Telling {
  readonly listeners = new Set<Listener>()
  readonly #day: RecordedDay
  /** By number of the run. */
  readonly #fans: readonly LineFan[]

  constructor(day: RecordedDay) {
    this.#day = day
    const light = day.facts.day?.mode === 'light'
    this.#fans = day.runs.map(({ runId, originTsNs }, run) => {
      const numberOf = (id: number): number => day.numberOf(run, id)
      return new LineFan(runId, originTsNs, { listeners: this.listeners, numberOf, light })
    })
    this.#learn(day.momentAt(day.startRelNs - 1).announced)
  }

  records(): void {
    // The same events come as recorded.
  }

  sought(): void {
    // The day itself knows what holds at any time.
  }

  recorded(run: number, bytes: Uint8Array): void {
    this.#fans[run]!.take(bytes, bytes.length)
  }

  reached(): void {
    // Nothing comes beside the events.
  }

  state(relNs: number, to: readonly Listener[], sought: Played | undefined): void {
    const { announced, state } = this.#day.momentAt(relNs)
    if (sought !== undefined) {
      for (const fan of this.#fans) fan.begin([], to)
      this.#learn(announced)
    }
    for (const { run, bytes } of state) this.#fans[run]!.begin([bytes], to, false)
  }

  #learn(announced: readonly RecordedEvent[]): void {
    for (const { run, bytes } of announced) this.#fans[run]!.begin([bytes], [], false)
  }
}

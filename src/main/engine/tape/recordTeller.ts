import type { MarketMessage, Outcome } from '../feeds/index.ts'
import type { BookState } from './bookState.ts'
import type { FrameTeller } from './bookTeller.ts'
import { emitBbo, emitBook, emitInstrument, emitIntegrity, emitL2Book, emitTop, emitTrade, type IntegrityFacts } from './emit.ts'
import { factsJson } from './instruments.ts'
import type { ExpectedRest } from './notes.ts'
import type { RecordWriter } from './recordWriter.ts'
import type { SecondRoller } from './secondRoller.ts'
import type { EventWindows } from './windows/eventWindows.ts'
import type { WorldTape } from './world/worldTape.ts'

/** The parts of a tape that are told of frames, besides its records. */
export interface ToldParts {
  readonly seconds: SecondRoller
  readonly windows: EventWindows
  readonly world: WorldTape
}

/** The tape's side of the books: everything that happens becomes a record. */
export class RecordTeller implements FrameTeller {
  readonly #w: RecordWriter
  readonly #parts: ToldParts

  constructor(writer: RecordWriter, parts: ToldParts) {
    this.#w = writer
    this.#parts = parts
  }

  instrument(state: BookState): void {
    emitInstrument(this.#w, state, factsJson(state))
  }

  fullBook(state: BookState, message: MarketMessage): void {
    emitBook(this.#w, state, message)
  }

  change(state: BookState, message: MarketMessage): void {
    emitL2Book(this.#w, state, message)
  }

  top(state: BookState, exchTsMs: number): void {
    emitTop(this.#w, state, exchTsMs)
  }

  trade(state: BookState, message: MarketMessage): void {
    emitTrade(this.#w, state, message)
  }

  venueTop(state: BookState, message: MarketMessage): void {
    emitBbo(this.#w, state, message)
  }

  integrity(state: BookState | undefined, facts: IntegrityFacts): void {
    emitIntegrity(this.#w, state?.id ?? 0, facts)
  }

  gap(): void {
    this.#parts.seconds.countGap()
  }

  received(): void {
    this.#parts.seconds.countFrame()
  }

  world(expected: ExpectedRest, buf: Uint8Array, from: number, to: number): Outcome {
    return this.#parts.world.take(expected, buf, from, to)
  }

  manualWindow(reason: string): void {
    this.#parts.windows.start('MANUAL', { instrumentId: 0, key: '' }, reason)
  }

  windowSettings(extend: boolean): void {
    this.#parts.windows.extend = extend
  }
}

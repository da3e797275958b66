import type { FrameStamps } from '../events/eventFeed.ts'
import { StageHistogram, type StageSummary } from './stageHistogram.ts'

/** Stages of an event on its way from the socket to the intent hash, in the order in which the report lists them. */
export const STAGES = [
  'recv_to_decode',
  'recv_to_decode_start',
  'decode_start_to_decode_end',
  'decode_to_normalize',
  'normalize_to_state',
  'state_to_strategy',
  'strategy_to_allocator',
  'allocator_to_execution',
  'execution_to_emit',
  'e2e_total',
  'e2e_intent_ready'
] as const
export type Stage = (typeof STAGES)[number]

/**
 * Latencies of a live run. Decode stages count once a frame, the others once an event. `e2e_total` ends when the event's intents are in the hash;
 * `e2e_intent_ready` when the allocator has let them through, and counts only events with intents.
 */
export class LiveLatency implements FrameStamps {
  readonly #nowNs: () => number
  readonly #stages: Record<Stage, StageHistogram>
  #recvNs = 0
  #decodeStartNs = 0
  #decodeEndNs = 0
  #normalisedNs = 0
  #lastNs = 0

  /** @param nowNs the clock of the frames' receive times, ns since the origin of the run */
  constructor(nowNs: () => number) {
    this.#nowNs = nowNs
    this.#stages = Object.fromEntries(STAGES.map((stage) => [stage, new StageHistogram()])) as Record<Stage, StageHistogram>
  }

  /** A frame has come out of the queue. One that is not decoded, such as a note, may have events too: their way begins here. */
  frame(recvRelNs: number): void {
    this.#recvNs = recvRelNs
    this.#decodeEndNs = this.#normalisedNs = this.#nowNs()
  }

  decodeStart(): void {
    this.#decodeStartNs = this.#nowNs()
    this.#stages.recv_to_decode_start.add(this.#decodeStartNs - this.#recvNs)
  }

  decodeEnd(): void {
    this.#decodeEndNs = this.#nowNs()
    this.#stages.decode_start_to_decode_end.add(this.#decodeEndNs - this.#decodeStartNs)
    this.#stages.recv_to_decode.add(this.#decodeEndNs - this.#recvNs)
  }

  normalised(): void {
    this.#normalisedNs = this.#nowNs()
  }

  /** The event's way begins: it waited for the events before it in its frame. */
  state(): void {
    this.#stages.decode_to_normalize.add(this.#normalisedNs - this.#decodeEndNs)
    this.#lastNs = this.#normalisedNs
    this.#step('normalize_to_state')
  }

  strategy(): void {
    this.#step('state_to_strategy')
  }

  allocator(hasIntents: boolean): void {
    this.#step('strategy_to_allocator')
    if (hasIntents) this.#stages.e2e_intent_ready.add(this.#lastNs - this.#recvNs)
  }

  execution(): void {
    this.#step('allocator_to_execution')
  }

  emit(): void {
    this.#step('execution_to_emit')
    this.#stages.e2e_total.add(this.#lastNs - this.#recvNs)
  }

  summary(): Record<Stage, StageSummary> {
    return Object.fromEntries(STAGES.map((stage) => [stage, this.#stages[stage].summary()])) as Record<Stage, StageSummary>
  }

  #step(stage: Stage): void {
    const now = this.#nowNs()
    this.#stages[stage].add(now - this.#lastNs)
    this.#lastNs = now
  }
}

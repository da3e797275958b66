import { getHeapStatistics } from 'node:v8'
import { StrategyLimit } from './strategyRunner.ts'

/** Callbacks between two looks: a look costs more than many a callback. */
const LOOK_EVERY = 8
/** Buffers that were thrown away count until they are collected, which is at the latest about here. */
const GARBAGE_BYTES = 64e6

/** Most bytes that buffers may take before a strategy is stopped, those included that are thrown away already. */
export function mostBufferBytes(limitBytes: number): number {
  return limitBytes + GARBAGE_BYTES
}

/** Looks at the buffers of its own thread, now and then. The heap is bounded by the thread itself; buffers lie outside of it. */
export class BufferWatch {
  readonly #limitBytes: number
  #until = LOOK_EVERY

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** After a callback. @throws StrategyLimit */
  callback(): void {
    if (--this.#until > 0) return
    this.#until = LOOK_EVERY
    this.look()
  }

  /** @throws StrategyLimit */
  look(): void {
    const held = getHeapStatistics().external_memory
    if (held > mostBufferBytes(this.#limitBytes)) throw new StrategyLimit(heldText(held, this.#limitBytes))
  }
}

/** @returns words that go on after "Strategy x" */
export function heldText(heldBytes: number, limitBytes: number): string {
  return `held ${Math.round(heldBytes / 1e6)} MB in buffers, where ${Math.round(limitBytes / 1e6)} MB are allowed,`
}

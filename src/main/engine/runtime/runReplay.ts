import type { Failure } from '../../../shared/errors.ts'
import { FLAG_NOTE, FLAG_REST } from '../bundle/index.ts'
import { EventBatch } from './events/eventBatch.ts'
import type { HostAnswer } from './host/strategyHost.ts'
import { orAborted } from './orAborted.ts'
import type { RunParts } from './runParts.ts'
import type { FrameSource } from './source/frameSource.ts'

const BATCH_EVENTS = 4096
/** Written by ourselves: notes and HTTP answers. */
export const OWN_FRAME = FLAG_NOTE | FLAG_REST
/** Frames between two looks at signal and progress. */
const SLICE_FRAMES = 50_000

interface Waiting {
  readonly batch: EventBatch
  readonly answers: Promise<readonly HostAnswer[]>
}

/**
 * Plays a source to its end. While strategies in other threads work on one batch, the next one is read.
 * @returns why a strategy failed
 * @throws AbortError when the signal is raised
 */
export async function runReplay(source: FrameSource, parts: RunParts): Promise<Failure | undefined> {
  const { options, orchestrator } = parts
  const size = options.batchEvents ?? BATCH_EVENTS
  let batch = new EventBatch(size)
  let spare = new EventBatch(size)
  let waiting: Waiting | undefined
  let begun = 0
  for (;;) {
    options.signal?.throwIfAborted()
    const left = (options.maxEvents ?? Infinity) - begun
    batch.count = 0
    batch.firstSeq = begun + 1
    const mayCome = left > 0 && fill(source, parts, batch, Math.min(size, left))
    batch.count = Math.min(batch.count, left)
    begun += batch.count
    const failed = await settle(waiting, parts)
    if (failed !== undefined) return failed
    waiting = undefined
    const answers = batch.count === 0 ? [] : orchestrator.begin(batch)
    if (answers instanceof Promise) {
      waiting = { batch, answers }
      ;[batch, spare] = [spare, batch]
    } else {
      const fault = orchestrator.finish(batch, answers)
      if (fault !== undefined) return { code: 'STRATEGY_FAILED', message: fault.message }
    }
    tell(source, parts)
    if (!mayCome) return await settle(waiting, parts)
    if (batch.count < size) await source.wait()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** @returns false when nothing more comes */
function fill(source: FrameSource, parts: RunParts, batch: EventBatch, events: number): boolean {
  for (let frames = 0; frames < SLICE_FRAMES && batch.count < events; frames++) {
    const frame = source.next()
    if (frame === undefined) return !source.ended
    if ((frame.flags & OWN_FRAME) === 0) parts.frames++
    parts.lastFrameRelNs = frame.monoRelNs
    parts.feed.take(frame, batch)
  }
  return true
}

/** A slow strategy must not keep a run from being stopped. */
async function settle(waiting: Waiting | undefined, { orchestrator, options }: RunParts): Promise<Failure | undefined> {
  if (waiting === undefined) return undefined
  const fault = orchestrator.finish(waiting.batch, await orAborted(waiting.answers, options.signal))
  return fault === undefined ? undefined : { code: 'STRATEGY_FAILED', message: fault.message }
}

export function tell(source: FrameSource, { options, frames, orchestrator }: RunParts): void {
  const { seq, intents, fills } = orchestrator
  options.onProgress?.({ share: source.progress(), frames, canonicalEvents: seq, intents, fills })
}

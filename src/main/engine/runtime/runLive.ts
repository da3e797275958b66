import type { Failure } from '../../../shared/errors.ts'
import { EventBatch, ROW_LENGTH } from './events/eventBatch.ts'
import type { StrategyFault } from './host/strategyHost.ts'
import type { LiveLatency } from './report/liveLatency.ts'
import { orAborted } from './orAborted.ts'
import { OWN_FRAME, tell } from './runReplay.ts'
import type { RunParts } from './runParts.ts'
import type { LiveSource } from './source/liveSource.ts'

const PROGRESS_FRAMES = 1000

/**
 * Runs over what comes in now, one event after another, until the source ends or the signal is raised.
 * @returns why a strategy failed
 */
export async function runLive(source: LiveSource, parts: RunParts, latency: LiveLatency): Promise<Failure | undefined> {
  const { options, feed } = parts
  const stop = (): void => source.stop()
  options.signal?.addEventListener('abort', stop, { once: true })
  if (options.signal?.aborted === true) stop()
  const batch = new EventBatch(64)
  let taken = 0
  try {
    while (!source.ended) {
      const frame = source.next()
      if (frame === undefined) {
        await source.wait()
        continue
      }
      taken++
      if ((frame.flags & OWN_FRAME) === 0) parts.frames++
      parts.lastFrameRelNs = frame.monoRelNs
      latency.frame(frame.monoRelNs)
      batch.count = 0
      feed.take(frame, batch, latency)
      const fault = await answer(batch, parts, latency)
      if (fault !== undefined) return { code: 'STRATEGY_FAILED', message: fault.message }
      if (parts.orchestrator.seq >= (options.maxEvents ?? Infinity)) return undefined
      if (taken % PROGRESS_FRAMES === 0) {
        tell(source, parts)
        // The sockets and the timers are in this thread too.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    return undefined
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

async function answer(batch: EventBatch, parts: RunParts, latency: LiveLatency): Promise<StrategyFault | undefined> {
  const { orchestrator, options } = parts
  const one = new EventBatch(1)
  one.count = 1
  for (let i = 0; i < batch.count && orchestrator.seq < (options.maxEvents ?? Infinity); i++) {
    one.rows.set(batch.rows.subarray(i * ROW_LENGTH, (i + 1) * ROW_LENGTH))
    one.firstSeq = orchestrator.seq + 1
    orchestrator.states.apply(one.rows, 0, one.firstSeq)
    latency.state()
    const answers = orchestrator.begin(one)
    const ready = answers instanceof Promise ? await unlessAborted(answers, options.signal) : answers
    if (ready === undefined) return undefined
    latency.strategy()
    const fault = orchestrator.finish(one, ready, latency)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** A slow strategy must not keep a run from being stopped: what it was about to answer is left out then. */
async function unlessAborted<T>(answers: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  try {
    return await orAborted(answers, signal)
  } catch (error) {
    if (signal?.aborted === true) return undefined
    throw error
  }
}

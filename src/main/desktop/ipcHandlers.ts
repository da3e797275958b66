import { toFailure } from '../../shared/errors.ts'
import type { Engine } from '../engine/index.ts'
import { assertSender, type SenderEvent } from './trust.ts'

/** @returns the handler of `studio:call`; it rejects for a foreign sender, and answers anything else */
export function handleCall(engine: Engine, devUrl?: string) {
  return async (event: SenderEvent, command: unknown): Promise<unknown> => {
    assertSender(event, devUrl)
    try {
      return await engine.callUnknown(command)
    } catch (error) {
      // The engine promises an answer; if it breaks the promise, the page still gets one, without a stack.
      return { ok: false, failure: toFailure(error) }
    }
  }
}

/** @returns the handler of `studio:open-frames`; a foreign sender gets nothing, and cannot make the app throw */
export function handleOpenFrames(open: (sender: unknown) => void, devUrl?: string) {
  return (event: SenderEvent): void => {
    try {
      assertSender(event, devUrl)
    } catch {
      return
    }
    open(event.sender)
  }
}

import type { StudioCommand } from './api/commands.ts'
import type { Failure } from './errors.ts'

/** What the studio shows as soon as it is up. */
export interface StartTarget {
  /** A bundle folder or an archive of one. */
  readonly open?: string
  /** The demo bundle, to be played. */
  readonly demo?: string
}

type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: Failure }

/**
 * Opens what was asked for on the command line, by the same commands the screen uses.
 * @returns why it failed; undefined when it worked or there was nothing to do
 */
export async function openAtStart(call: (command: StudioCommand) => Promise<Reply>, target: StartTarget): Promise<Failure | undefined> {
  if (target.open !== undefined) {
    const added = await call({ cmd: 'library_add', path: target.open })
    if (!added.ok) return added.failure
    const opened = await call({ cmd: 'replay_open', path: (added.value as { path: string }).path })
    return opened.ok ? undefined : opened.failure
  }
  if (target.demo === undefined) return undefined
  const opened = await call({ cmd: 'replay_open', path: target.demo })
  if (!opened.ok) return opened.failure
  const played = await call({ cmd: 'replay_play' })
  return played.ok ? undefined : played.failure
}

import { openBundle } from '../bundle/index.ts'
import { ReplaySession } from './replaySession.ts'
import { sourceOfBundle } from './replaySource.ts'
import { TestScreen, type Deed } from './testScreen.ts'

export interface Stage {
  readonly session: ReplaySession
  readonly screen: TestScreen
  /** Gives a command and lets time pass until it is answered. */
  ask(command: Deed extends infer D ? (D extends Deed ? Omit<D, 'requestId'> : never) : never): string
}

const opened: ReplaySession[] = []

/** For tests: opens a bundle with a screen in front of it. @param ready wait until the bundle has been indexed */
export async function openStage(path: string, ready = true): Promise<Stage> {
  const screen = new TestScreen()
  const session = new ReplaySession(sourceOfBundle(await openBundle(path)), screen.host)
  opened.push(session)
  screen.onGrant = (bytes) => session.command({ kind: 'credit', bytes })
  let id = 0
  const ask: Stage['ask'] = (command) => {
    const requestId = ++id
    session.command({ ...command, requestId })
    const mine = (): string | undefined => screen.answers().find((answer) => answer.includes(` ${requestId}`))
    screen.until(session, () => mine() !== undefined)
    return mine()!
  }
  if (ready) screen.until(session, () => session.state.indexed === 1)
  return { session, screen, ask }
}

/** Closes what was opened since the last call. */
export function closeStages(): void {
  for (const session of opened.splice(0)) session.dispose()
}

import type { SessionState, StudioCommand } from '../../../shared/api/index.ts'
import type { ReplayAnswer, ReplayRequest } from './replayRun.ts'

type OfReplay = Extract<
  StudioCommand,
  {
    cmd:
      | 'replay_play'
      | 'replay_pause'
      | 'replay_seek'
      | 'replay_seek_percent'
      | 'replay_step'
      | 'replay_jump'
      | 'replay_loop'
      | 'replay_speed'
      | 'replay_skip_idle'
      | 'replay_inputs'
      | 'replay_fingerprint'
  }
>

/** What the replay is asked for by a command of the screen. */
export function replayRequestOf(command: OfReplay): ReplayRequest {
  switch (command.cmd) {
    case 'replay_play':
      return { kind: 'play' }
    case 'replay_pause':
      return { kind: 'pause' }
    case 'replay_seek':
      return { kind: 'seek', relNs: command.relNs }
    case 'replay_seek_percent':
      return { kind: 'seekPercent', percent: command.percent }
    case 'replay_step':
      return { kind: 'step', unit: command.unit, direction: command.direction }
    case 'replay_jump':
      return { kind: 'jump', to: command.kind, direction: command.direction }
    case 'replay_loop':
      return { kind: 'loop', loop: command.loop }
    case 'replay_speed':
      return { kind: 'speed', speed: command.speed }
    case 'replay_skip_idle':
      return { kind: 'skipIdle', skip: command.skip }
    case 'replay_inputs':
      return { kind: 'inputs' }
    case 'replay_fingerprint':
      return { kind: 'fingerprint' }
  }
}

/** The reply of a command: the answer's value for a question, the state for a deed, both for a jump. */
export function replyOf({ kind }: ReplayRequest, { value }: ReplayAnswer, state: SessionState): unknown {
  if (kind === 'inputs' || kind === 'fingerprint') return value
  if (kind === 'jump') return { moved: (value as { moved: boolean } | undefined)?.moved ?? false, state }
  return state
}

import type { CommandReply, JumpKind, StudioCommand } from '../../shared/api/index.ts'
import { NS_PER_SECOND } from '../../shared/units.ts'
import { setInputs } from '../stores/inputsStore.ts'
import { setMoves, useMoves } from '../stores/moveStore.ts'
import { notify } from '../stores/noticeStore.ts'
import { useSelection } from '../stores/selectionStore.ts'
import { JUMP_NAMES } from '../ui/markText.ts'
import { canMove, isAtHead } from './moving.ts'
import type { StudioClient } from './studioClient.ts'

/** Ways through time beyond play and seek: jumps, loops, back to LIVE; and what was known at the playhead. */
export class TimeActions {
  readonly #client: StudioClient
  #asking = false

  constructor(client: StudioClient) {
    this.#client = client
  }

  /** Goes to the next or previous place of a kind, which becomes that of the buttons. The studio itself says when there is none. */
  async jump(kind: JumpKind, direction: 1 | -1): Promise<void> {
    const now = this.#client.now
    if (!canMove(now)) return
    setMoves({ jumpKind: kind })
    if (isAtHead(now) && direction === 1)
      return void notify('info', `LIVE shows the newest moment: there is no later ${JUMP_NAMES[kind]} yet.`)
    this.#client.stage?.setFollowing(true)
    await this.#quiet({ cmd: 'replay_jump', kind, direction })
  }

  /** Ends the loop that is on, or begins one over the marked stretch. */
  async toggleLoop(): Promise<void> {
    const now = this.#client.now
    if (!canMove(now)) return
    if (now.loop !== undefined) return this.#quiet({ cmd: 'replay_loop', loop: null })
    const { range } = useSelection.getState()
    if (range === undefined) return void notify('info', 'Mark the stretch to loop first: hold Shift and drag on the timeline.')
    await this.#loop(range.fromRelNs, range.toRelNs)
    if (this.#client.now?.loop !== undefined && this.#client.now.phase !== 'playing') await this.#quiet({ cmd: 'replay_play' })
  }

  /** Moves the ends of the loop that is on. */
  async moveLoop(a: number, b: number): Promise<void> {
    if (this.#client.now?.loop !== undefined && a !== b) await this.#loop(Math.min(a, b), Math.max(a, b))
  }

  /** @param seconds 0 to 600 */
  async setPreRoll(seconds: number): Promise<void> {
    if (!(seconds >= 0 && seconds <= 600)) return
    setMoves({ preRollS: seconds })
    const loop = this.#client.now?.loop
    if (loop !== undefined) await this.#loop(loop.fromRelNs, loop.toRelNs)
  }

  /** Back to the newest moment; the studio proves that what was replayed is what was recorded. */
  async rejoin(): Promise<void> {
    this.#client.stage?.setFollowing(true)
    if (!isAtHead(this.#client.now)) await this.#quiet({ cmd: 'live_rejoin' })
  }

  /** Marks the newest moment of the recording. @returns whether it was marked */
  async markMoment(reason: string): Promise<boolean> {
    const reply = await this.#client.call<'window_open'>({ cmd: 'window_open', reason: reason.trim() })
    if (reply.ok) notify('info', 'Marked. An event window of 60 s has begun.')
    else notify('error', reply.failure.message)
    return reply.ok
  }

  /** Learns what the weather and the model said as of the playhead. One question at a time. */
  async askInputs(): Promise<void> {
    if (this.#asking || !canMove(this.#client.now)) return
    this.#asking = true
    const { runId } = this.#client.now
    try {
      const reply: CommandReply<'replay_inputs'> = await this.#client.call<'replay_inputs'>({ cmd: 'replay_inputs' })
      if (this.#client.now?.runId !== runId) return
      setInputs(reply.ok ? { inputs: reply.value, problem: undefined } : { problem: reply.failure.message })
    } finally {
      this.#asking = false
    }
  }

  async askFingerprint(): Promise<void> {
    const reply: CommandReply<'replay_fingerprint'> = await this.#client.call<'replay_fingerprint'>({ cmd: 'replay_fingerprint' })
    if (reply.ok) setInputs({ fingerprint: reply.value })
    else notify('error', reply.failure.message)
  }

  #loop(fromRelNs: number, toRelNs: number): Promise<void> {
    const preRollNs = useMoves.getState().preRollS * NS_PER_SECOND
    return this.#quiet({ cmd: 'replay_loop', loop: { fromRelNs, toRelNs, preRollNs } })
  }

  async #quiet(command: StudioCommand): Promise<void> {
    const reply = await this.#client.call(command)
    if (!reply.ok) notify('error', reply.failure.message)
  }
}

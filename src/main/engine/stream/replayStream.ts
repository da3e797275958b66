import type { RunsVerdict, StreamFacts, Subscription } from '../../../shared/api/index.ts'
import { StudioError, toFailure } from '../../../shared/errors.ts'
import { openBundle } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import { crashVerdict } from '../record/index.ts'
import { openDay, sourceOfBundle, type DayRequest } from '../replay/index.ts'
import { streamedDay, streamedRun, type Streamed } from './streamed.ts'
import { StreamPlayer } from './streamPlayer.ts'
import type { StreamLink, StreamSink, StreamSource } from './streamTypes.ts'

/** Clients with a clock of their own: each has the books of the whole run. */
const MAX_OWN_CLOCKS = 16

export interface StreamHost {
  /** How what is played ended. What a crash left of journals was saved first. */
  onVerdict?(verdict: RunsVerdict): void
}

export interface BundleStreamHost extends StreamHost {
  /** When strategies that were run over the bundle decided something, ns since its origin, ascending: targets of jumps. */
  readonly decisionsRelNs?: readonly number[] | undefined
}

export interface DayStreamHost extends StreamHost {
  /** Something that was recorded cannot be read, in one sentence; the rest plays. Each is told once. */
  onFault(sentence: string): void
  /** Something is damaged and was read from another place, in one sentence: nothing is missing. */
  onNote?(sentence: string): void
}

/** A bundle or a recorded day that clients listen to, each on its own clock or all on one. */
export class ReplayStream implements StreamSource {
  readonly facts: StreamFacts
  readonly #streamed: Streamed
  readonly #players = new Set<StreamPlayer>()
  #shared: StreamPlayer | undefined

  /** @throws StudioError when the bundle cannot be opened */
  static async open(runDir: string, host: BundleStreamHost = {}): Promise<ReplayStream> {
    const bundle = await openBundle(runDir)
    const source = sourceOfBundle(bundle, await crashVerdict(bundle, { check: 'auto' }))
    source.index.jumps.decisions = host.decisionsRelNs
    if (source.facts.verdict !== undefined) host.onVerdict?.(source.facts.verdict)
    return new ReplayStream(streamedRun(source))
  }

  /**
   * Plays recorded events: no raw frames are needed.
   * @throws StudioError USAGE, BUNDLE_NOT_FOUND, BUNDLE_DAMAGED
   */
  static async openDay(request: DayRequest, host: DayStreamHost): Promise<ReplayStream> {
    const told = new Set<string>()
    const tell = (sentence: string): void => {
      if (!told.has(sentence)) host.onFault(sentence)
      told.add(sentence)
    }
    const day = await openDay(request, {
      nowMs: () => Number(hostClock.monoNs()) / 1e6,
      onFault: tell,
      onNote: (sentence) => host.onNote?.(sentence),
      onFailed: (error) => tell(toFailure(error).message)
    })
    for (const fault of day.faults) tell(fault)
    if (day.facts.verdict !== undefined) host.onVerdict?.(day.facts.verdict)
    return new ReplayStream(streamedDay(day))
  }

  private constructor(streamed: Streamed) {
    this.#streamed = streamed
    this.facts = streamed.facts
  }

  connect(sink: StreamSink, subscription: Subscription, clock: 'own' | 'shared'): StreamLink {
    if (clock === 'shared') {
      const player = (this.#shared ??= this.#newPlayer('shared'))
      return player.connect(sink, subscription, () => undefined)
    }
    if (this.#players.size - (this.#shared === undefined ? 0 : 1) >= MAX_OWN_CLOCKS)
      throw new StudioError('BUSY', `Clocks of their own are there for ${MAX_OWN_CLOCKS} clients. Ask for the shared clock.`)
    const player = this.#newPlayer('own')
    return player.connect(sink, subscription, () => {
      this.#players.delete(player)
      player.close()
    })
  }

  close(): Promise<void> {
    for (const player of this.#players) player.close()
    this.#players.clear()
    this.#streamed.source.close()
    return Promise.resolve()
  }

  #newPlayer(clock: 'own' | 'shared'): StreamPlayer {
    const player = new StreamPlayer(this.#streamed, clock)
    this.#players.add(player)
    return player
  }
}

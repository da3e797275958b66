import type { StreamFacts, Subscription } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { openBundle } from '../bundle/index.ts'
import { sourceOfBundle, type ReplaySource } from '../replay/index.ts'
import { StreamPlayer } from './streamPlayer.ts'
import type { StreamLink, StreamSink, StreamSource } from './streamTypes.ts'

/** Clients with a clock of their own: each has the books of the whole run. */
const MAX_OWN_CLOCKS = 16

/** A bundle that clients listen to, each on its own clock or all on one. */
export class ReplayStream implements StreamSource {
  readonly facts: StreamFacts
  readonly #source: ReplaySource
  readonly #players = new Set<StreamPlayer>()
  #shared: StreamPlayer | undefined

  /** @throws StudioError when the bundle cannot be opened */
  static async open(runDir: string): Promise<ReplayStream> {
    const source = sourceOfBundle(await openBundle(runDir))
    // The beginning is before the first frame, so that a client has that one as a line too.
    return new ReplayStream({ ...source, startRelNs: source.startRelNs - 1 })
  }

  constructor(source: ReplaySource) {
    this.#source = source
    const { runId, venue, synthetic, originTsNs } = source.facts
    this.facts = { mode: 'replay', run_id: runId, venue, synthetic, origin_ts_ns: originTsNs }
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
    this.#source.close()
    return Promise.resolve()
  }

  #newPlayer(clock: 'own' | 'shared'): StreamPlayer {
    const player = new StreamPlayer(this.#source, clock)
    this.#players.add(player)
    return player
  }
}

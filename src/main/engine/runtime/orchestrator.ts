import { Allocator, type AllocatedIntent } from './allocator.ts'
import { ROW, ROW_LENGTH, type EventBatch } from './events/eventBatch.ts'
import type { MarketTable } from './events/marketTable.ts'
import { Ledger } from './execution/ledger.ts'
import { SimExecution } from './execution/simExecution.ts'
import type { HostAnswer, StrategyFault, StrategyHost } from './host/strategyHost.ts'
import { feeModelOf, type StrategyRules } from './host/strategyRules.ts'
import { IntentHash } from './intentHash.ts'
import type { LiveLatency } from './report/liveLatency.ts'
import { DetailsRecorder } from './report/runDetails.ts'
import { TopStates } from './state/topStates.ts'

/** Events to intents to fills, in order. What comes out follows from the events and the strategies alone, however the events are cut into batches. */
export class Orchestrator {
  readonly states = new TopStates()
  readonly ledger = new Ledger()
  readonly execution: SimExecution
  readonly hash = new IntentHash()
  readonly details: DetailsRecorder | undefined
  /** Sequence number of the last event that was processed. */
  seq = 0
  intents = 0
  fills = 0
  lastRecvRelNs = 0
  readonly #hosts: readonly StrategyHost[]
  readonly #allocator: Allocator
  readonly #rules: StrategyRules

  /** @param hosts one for each strategy, in any order */
  constructor(hosts: readonly StrategyHost[], rules: StrategyRules, markets: MarketTable, withDetails: boolean) {
    this.#hosts = [...hosts].sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#allocator = new Allocator(
      this.#hosts.map((host) => host.id),
      rules
    )
    this.#rules = rules
    this.execution = new SimExecution(this.states, markets, rules, feeModelOf(rules), this.ledger)
    this.details = withDetails ? new DetailsRecorder(this.ledger, this.states.markOf, markets.ids) : undefined
  }

  /** Has every strategy answer a batch. A promise only where one runs in another thread. The batch must not change until `finish`. */
  begin(batch: EventBatch): readonly HostAnswer[] | Promise<readonly HostAnswer[]> {
    if (this.#rules.maxIntentsGlobal !== undefined) return this.#beginInTurn(batch, this.#rules.maxIntentsGlobal)
    const answers = this.#hosts.map((host) => host.run(batch, undefined))
    const ready = answers.filter((answer): answer is HostAnswer => !(answer instanceof Promise))
    return ready.length === answers.length ? ready : Promise.all(answers.map((answer) => Promise.resolve(answer)))
  }

  /**
   * Takes the answers to a batch: state, intents, fills, hash, event by event.
   * @returns why a strategy failed: events from that one on are not processed
   */
  finish(batch: EventBatch, answers: readonly HostAnswer[], stamps?: LiveLatency): StrategyFault | undefined {
    const fault = answers.reduce<StrategyFault | undefined>(
      (first, answer) => (answer.fault !== undefined && answer.fault.at < (first?.at ?? Infinity) ? answer.fault : first),
      undefined
    )
    const end = fault?.at ?? batch.count
    this.#allocator.begin(answers)
    for (let i = 0; i < end; i++) this.#event(batch, i, stamps)
    return fault
  }

  #event(batch: EventBatch, index: number, stamps: LiveLatency | undefined): void {
    const seq = batch.firstSeq + index
    const recvRelNs = batch.rows[index * ROW_LENGTH + ROW.recvRelNs]!
    this.states.apply(batch.rows, index, seq)
    const allocated = this.#allocator.take(index)
    stamps?.allocator(allocated.length > 0)
    if (allocated.length > 0) this.#submit(allocated, seq, recvRelNs, stamps)
    else stamps?.execution()
    this.seq = seq
    this.lastRecvRelNs = recvRelNs
    this.details?.event(seq, recvRelNs)
    stamps?.emit()
  }

  #submit(allocated: readonly AllocatedIntent[], seq: number, recvRelNs: number, stamps: LiveLatency | undefined): void {
    for (let k = 0; k < allocated.length; k++) {
      const { strategyId, intent } = allocated[k]!
      const fill = this.execution.submit(intent, recvRelNs)
      if (fill !== undefined) this.fills++
      this.details?.intent(seq, recvRelNs, strategyId, intent, this.execution.orderIdOf(intent), fill)
    }
    stamps?.execution()
    for (let k = 0; k < allocated.length; k++) this.hash.add(seq, allocated[k]!.strategyId, allocated[k]!.intent)
    this.intents += allocated.length
  }

  /** With a limit for all together, a strategy has to know how much those before it have left. */
  async #beginInTurn(batch: EventBatch, limit: number): Promise<readonly HostAnswer[]> {
    const room = new Int32Array(batch.count).fill(Math.min(limit, 0x7fffffff))
    const answers: HostAnswer[] = []
    for (const host of this.#hosts) {
      const answer = await host.run(batch, room)
      for (const at of answer.at) room[at]!--
      answers.push(answer)
    }
    return answers
  }
}

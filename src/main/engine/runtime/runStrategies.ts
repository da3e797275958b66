import { setTimeout as sleepMs } from 'node:timers/promises'
import { isAbsolute, resolve } from 'node:path'
import { runDefault } from '../../../shared/api/index.ts'
import { StudioError, toFailure, type Failure } from '../../../shared/errors.ts'
import { hostClock, type Clock } from '../clock.ts'
import { BookFeed } from './events/bookFeed.ts'
import { ChangeFeed } from './events/changeFeed.ts'
import type { EventFeed, EventMode } from './events/eventFeed.ts'
import { MarketTable } from './events/marketTable.ts'
import { LocalHost } from './host/localHost.ts'
import { BadStrategy, paramsOf } from './host/strategyFile.ts'
import type { StrategyHost } from './host/strategyHost.ts'
import type { StrategyRules } from './host/strategyRules.ts'
import { WorkerHost } from './host/workerHost.ts'
import { Orchestrator } from './orchestrator.ts'
import { LiveLatency } from './report/liveLatency.ts'
import { runLive } from './runLive.ts'
import type { RunOptions, StrategyChoice } from './runOptions.ts'
import type { RunParts } from './runParts.ts'
import { runReplay } from './runReplay.ts'
import type { LiveFacts, RunResult } from './runResult.ts'
import type { FrameSource } from './source/frameSource.ts'
import { Missing, type MissingTotals } from './source/missing.ts'
import { LiveSource } from './source/liveSource.ts'
import { ReplaySource } from './source/replaySource.ts'
import { Trust } from './state/trust.ts'
import { BUILT_IN } from './strategies/builtIn.ts'

/**
 * Runs strategies over a bundle or over open connections, in simulation; nothing is written to disk. A strategy that fails ends the run in order:
 * the result says what happened as far as it came.
 * @throws StudioError when the run could not begin: bundle, venue, or a strategy that cannot be used
 */
export async function runStrategies(options: RunOptions): Promise<RunResult> {
  const clock = options.clock ?? hostClock
  const sleep = options.sleep ?? ((ms: number) => sleepMs(ms))
  const rules = rulesOf(options)
  const markets = new MarketTable()
  const hosts: StrategyHost[] = []
  let source: FrameSource | undefined
  try {
    for (const choice of options.strategies ?? []) hosts.push(await hostOf(choice, options, rules, markets, clock))
    checkIds(hosts)
    source = await openSource(options, clock, sleep)
    return await run(options, source, hosts, rules, markets, clock)
  } finally {
    await Promise.all(hosts.map((host) => host.close()))
    await source?.close()
  }
}

async function run(
  options: RunOptions,
  source: FrameSource,
  hosts: readonly StrategyHost[],
  rules: StrategyRules,
  markets: MarketTable,
  clock: Clock
): Promise<RunResult> {
  const events = options.events ?? 'book'
  const trust = new Trust(markets)
  const feed = feedOf(events, source, markets, trust)
  const missing = new Missing(source, trust)
  source.onMissing = (hole) => {
    missing.take(hole)
    feed.missing?.(hole)
  }
  const orchestrator = new Orchestrator(hosts, rules, markets, options.details ?? true)
  const parts: RunParts = { options, feed, orchestrator, frames: 0, lastFrameRelNs: 0 }
  const begunNs = clock.monoNs()
  const begunCpu = process.cpuUsage()
  const latency = source instanceof LiveSource ? new LiveLatency(source.nowRelNs) : undefined
  const failure = await failureOf(
    source instanceof LiveSource && latency !== undefined ? runLive(source, parts, latency) : runReplay(source, parts)
  )
  const endNs = clock.monoNs()
  const { ledger, states, seq } = orchestrator
  const endRelNs = Math.max(parts.lastFrameRelNs, orchestrator.lastRecvRelNs)
  const lost = missing.result(source.exhausted ? Infinity : endRelNs)
  const fault = failure ?? damageOf(lost)
  return {
    ok: fault === undefined,
    failure: fault,
    complete: failure === undefined,
    mode: options.source.mode,
    events,
    runId: source.runId,
    venue: source.venue,
    originTsNs: source.originTsNs,
    strategyIds: hosts.map((host) => host.id).sort(),
    frames: parts.frames,
    canonicalEvents: seq,
    intents: orchestrator.intents,
    fills: orchestrator.fills,
    finalHash: orchestrator.hash.digest(),
    elapsedNs: Number(endNs - begunNs),
    counts: feed.counts,
    timed: rules.timed,
    callbackStats: Object.fromEntries(hosts.map((host) => [host.id, host.stats()])),
    submittedIntents: orchestrator.execution.submitted,
    pnl: {
      ...ledger.summary(states.markOf),
      positions: ledger.positions().map(({ market, positionE6 }) => ({ marketId: markets.ids[market] ?? '', positionE6 }))
    },
    missing: lost,
    trust: trust.result(endRelNs),
    details: orchestrator.details?.finish(seq, orchestrator.lastRecvRelNs),
    live: latency === undefined ? undefined : liveFacts(source as LiveSource, latency, endNs, begunNs, process.cpuUsage(begunCpu)),
    note: noteOf(events, source.venue, lost)
  }
}

function liveFacts(source: LiveSource, latency: LiveLatency, endNs: bigint, begunNs: bigint, cpu: NodeJS.CpuUsage): LiveFacts {
  return {
    ...source.stats,
    dropped: source.queue.dropped,
    t0MonoNs: begunNs,
    t1MonoNs: endNs,
    cpuTimeNs: (cpu.user + cpu.system) * 1000,
    stages: latency.summary()
  }
}

function noteOf(events: EventMode, venue: string, { bytes, damaged }: MissingTotals): string | undefined {
  const notes: string[] = []
  if (events === 'book' && venue === 'binance')
    notes.push('Binance sends no full books over its streams, so there are no events of this kind: use --events change.')
  if (bytes > 0 && !damaged)
    notes.push(`The recording was not stopped cleanly: ${bytes} bytes at its very end were not written whole and are left out.`)
  return notes.length === 0 ? undefined : notes.join(' ')
}

/** A result over a recording with holes is told, but never as a good one. */
function damageOf({ bytes, records, logs, damaged }: MissingTotals): Failure | undefined {
  if (!damaged) return undefined
  const what: string[] = []
  if (bytes > 0)
    what.push(
      `${bytes} bytes of the recording (${records === 0 ? 'an unknown number of' : `at least ${records}`} messages) could not be read and are left out.`
    )
  if (logs > 0) what.push(`${logs === 1 ? 'The log of one shard is' : `The logs of ${logs} shards are`} not in this bundle.`)
  return { code: 'BUNDLE_DAMAGED', message: `${what.join(' ')} The result is that of a recording with holes.` }
}

async function failureOf(running: Promise<Failure | undefined>): Promise<Failure | undefined> {
  try {
    return await running
  } catch (error) {
    if ((error as { name?: unknown } | null)?.name === 'AbortError')
      return { code: 'ABORTED', message: 'The run was stopped before its end.' }
    return toFailure(error)
  }
}

function feedOf(events: EventMode, source: FrameSource, markets: MarketTable, trust: Trust): EventFeed {
  if (events === 'book') return new BookFeed(markets, trust)
  const { venue, originTsNs } = source
  const live = source instanceof LiveSource ? source : undefined
  return new ChangeFeed({
    venue,
    originTsNs,
    markets,
    trust,
    ...(live === undefined ? {} : { request: (state) => live.requestSnapshot(state.shard, state.tokenId) })
  })
}

async function openSource(
  { source, signal, events }: RunOptions,
  clock: Clock,
  sleep: (ms: number) => Promise<void>
): Promise<FrameSource> {
  if (source.mode === 'live')
    return await LiveSource.open({ config: source.config, durationSeconds: source.durationSeconds, clock, sleep, signal })
  const { runDir, maxSeconds, speed } = source
  return await ReplaySource.open(runDir, { maxSeconds, speed, forTape: events === 'change', nowNs: () => Number(clock.monoNs()), sleep })
}

function rulesOf(options: RunOptions): StrategyRules {
  return {
    takerSlippageBps: options.takerSlippageBps ?? runDefault('takerSlippageBps'),
    maxFillSizeE6: options.maxFillSizeE6,
    feeBps: options.feeBps ?? runDefault('feeBps'),
    maxIntentsPerStrategy: options.maxIntentsPerStrategy,
    maxIntentsGlobal: options.maxIntentsGlobal,
    maxCallbackUs: options.maxCallbackUs,
    timed: options.source.mode === 'live' || options.maxCallbackUs !== undefined
  }
}

async function hostOf(
  { name, params = {} }: StrategyChoice,
  options: RunOptions,
  rules: StrategyRules,
  markets: MarketTable,
  clock: Clock
): Promise<StrategyHost> {
  const strategy = BUILT_IN.get(name)
  const { callbackLimitMs = runDefault('callbackLimitMs'), memoryLimitMb = runDefault('memoryLimitMb') } = options
  if (strategy !== undefined) {
    const origin = clock.monoNs()
    const nowNs = (): number => Number(clock.monoNs() - origin)
    return new LocalHost({
      id: name,
      strategy,
      params: builtInParams(name, strategy.params ?? {}, params),
      rules,
      marketIds: markets.ids,
      nowNs
    })
  }
  if (!/[./\\]/.test(name))
    throw new StudioError(
      'CONFIG_INVALID',
      `There is no built-in strategy "${name}"; there are ${[...BUILT_IN.keys()].join(', ')}. For one of your own give its file, such as ./${name}.ts.`
    )
  const file = isAbsolute(name) ? name : resolve(name)
  return await WorkerHost.start({ file, params, rules, marketIds: markets.ids, callbackLimitMs, memoryLimitMb })
}

function builtInParams(...facts: Parameters<typeof paramsOf>): ReturnType<typeof paramsOf> {
  try {
    return paramsOf(...facts)
  } catch (error) {
    throw error instanceof BadStrategy ? new StudioError('CONFIG_INVALID', error.message) : error
  }
}

function checkIds(hosts: readonly StrategyHost[]): void {
  const seen = new Set<string>()
  for (const { id } of hosts) {
    if (seen.has(id)) throw new StudioError('CONFIG_INVALID', `Two strategies of this run are called "${id}". Give each an id of its own.`)
    seen.add(id)
  }
}

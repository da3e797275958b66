import type { CaptureConfig } from '../config.ts'
import { RestRecorder, type RestSink } from '../restRecorder.ts'
import type { RunRecord } from '../runFiles.ts'
import { ModelSocket } from './modelSocket.ts'
import type { CaptureSecrets } from './secrets.ts'
import { worldTargets } from './targets.ts'
import { WorldPoller } from './worldPoller.ts'

export { captureSecrets, type CaptureSecrets } from './secrets.ts'

/** More than any answer to these questions: weather may not take the space of the market. */
const MAX_WORLD_BODY_BYTES = 4 * 1024 * 1024

export interface WorldCaptureOptions {
  readonly config: CaptureConfig
  readonly secrets: CaptureSecrets
  readonly sink: RestSink
  readonly signal: AbortSignal
  readonly nowRelNs: () => number
  readonly runId: string
  readonly log: (type: string, fields: RunRecord) => void
}

/** What goes on beside the market. */
export interface World {
  /** Field `world` of a heartbeat. */
  facts(): RunRecord
}

/** Begins to record what the settings ask for beside the market. @returns undefined when they ask for nothing */
export function startWorld(options: WorldCaptureOptions): World | undefined {
  const { config, sink, signal, log } = options
  const poller = config.worldStations.length === 0 ? undefined : startPoller(options)
  const port = config.worldModelPort
  const models = port === null ? undefined : new ModelSocket({ port, sink, signal, log })
  if (poller === undefined && models === undefined) return undefined
  return { facts: () => ({ world: { ...poller?.facts(), ...models?.facts() } }) }
}

function startPoller(options: WorldCaptureOptions): WorldPoller {
  const { config, secrets, sink, signal, nowRelNs, runId, log } = options
  const targets = worldTargets(config, secrets)
  const recorder = new RestRecorder({
    venue: 'weather',
    sink,
    signal,
    userAgent: config.wsUserAgent,
    timeoutMs: config.restTimeout * 1000,
    maxWaitMs: 0,
    maxBodyBytes: MAX_WORLD_BODY_BYTES
  })
  const withoutKey = config.worldPwsStations.length > 0 && secrets.pwsKey === undefined
  log('world_start', {
    stations: [...config.worldStations],
    sources: targets.length,
    ...(withoutKey ? { pws: 'not asked: the key is neither in the environment variable TAPEDECK_PWS_KEY nor in the keychain' } : {})
  })
  const poller = new WorldPoller({ targets, recorder, signal, nowRelNs, seed: runId, secret: secrets.pwsKey, log })
  poller.start()
  return poller
}

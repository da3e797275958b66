import type { CaptureConfig } from '../config.ts'
import { RestRecorder, type RestSink } from '../restRecorder.ts'
import type { RunRecord } from '../runFiles.ts'
import type { CaptureSecrets } from './secrets.ts'
import { worldTargets } from './targets.ts'
import { WorldPoller } from './worldPoller.ts'

export type { WorldPoller } from './worldPoller.ts'
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

/** Begins to record the weather that the settings ask for. @returns undefined when they ask for none */
export function startWorld(options: WorldCaptureOptions): WorldPoller | undefined {
  const { config, secrets, sink, signal, nowRelNs, runId, log } = options
  if (config.worldStations.length === 0) return undefined
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

import { resolve } from 'node:path'
import { readManifest, type BigJson } from '../bundle/index.ts'

/** Used where a manifest does not say how often the run was to write a heartbeat: the capture system's default. */
const DEFAULT_HEARTBEAT_S = 1

/** What the reports need of a manifest. */
export interface RunFacts {
  /** Absolute. */
  readonly dir: string
  readonly runId: string
  readonly manifestVersion: number
  readonly captureSchemaVersion: BigJson
  readonly payloadSource: BigJson
  readonly heartbeatIntervalS: number
}

/** @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, FILE_FAILED */
export function readRunFacts(runDir: string): RunFacts {
  const dir = resolve(runDir)
  const { runId, manifestVersion, raw } = readManifest(dir)
  const fields = raw as Readonly<Record<string, BigJson | undefined>>
  const config = fields['config'] as Readonly<Record<string, BigJson | undefined>> | null | undefined
  const interval = config?.['capture_heartbeat_interval_seconds']
  return {
    dir,
    runId,
    manifestVersion,
    captureSchemaVersion: fields['capture_schema_version'] ?? null,
    payloadSource: fields['payload_source'] ?? null,
    heartbeatIntervalS: typeof interval === 'number' ? interval : DEFAULT_HEARTBEAT_S
  }
}

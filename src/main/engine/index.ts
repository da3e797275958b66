import type { Engine, EngineOptions } from './engineTypes.ts'
import { StudioEngine } from './session/index.ts'

/** The only public door of the engine. */
export function createEngine(options: EngineOptions): Engine {
  return new StudioEngine(options)
}

export type { Engine, EngineOptions, SecretStore, ViewLink } from './engineTypes.ts'
export { dayReport, listDays, replayReport, playRun, type DayReport, type ReplayReport, type StorePlaces } from './replay/index.ts'
export { LiveStream, ReplayStream, type StreamLink, type StreamSink, type StreamSource } from './stream/index.ts'
export { importRecording, makeDemo } from './importer/index.ts'
export { isBeingCaptured } from './bundle/index.ts'
export {
  auditRun,
  inspectRun,
  latencyReport,
  sliceRun,
  writeLatencyReport,
  type AuditOptions,
  type LatencyReport,
  type RunAudit,
  type RunInspection,
  type ScanOptions,
  type SliceOptions,
  type SliceResult,
  type SliceWindow
} from './inspect/index.ts'
export { runStrategies, summaryLine, type RunOptions, type RunProgress, type RunResult } from './runtime/index.ts'

/** What a recording is judged by: one set of rules for the report of a finished run and for the screen while it records. */
export { finiteNumber, jsonRecord, type JsonRecord } from './jsonRecord.ts'
export { GATE_LIMITS, runGates, type GateFacts } from './runGates.ts'
export { LiveGates } from './liveGates.ts'
export { PressureStreaks, type PressureReport } from './pressureStreaks.ts'
export { qualityOf, type QualityReport } from './quality.ts'

/** A loopback venue that speaks the real protocols of Polymarket and Binance spot, from seeded or recorded data, with faults on demand. */
export { startPracticeVenue, type PracticeStats, type PracticeVenue } from './practiceVenue.ts'
export type { PracticeEvent, PracticeOptions, PracticeSource } from './options.ts'
export type { Fault, FaultPlan, InjectedFault, PlannedFault } from './faults/fault.ts'
export { checkFaultPlan, parseFaultText } from './faults/faultText.ts'
export { detectRecording, type RecordingKind } from './recorded/detectRecording.ts'
export { readBinanceRecording, type BinanceRecordingLine } from './recorded/readBinanceRecording.ts'
export { readPolymarketRecording, type PolymarketRecordingFrame } from './recorded/readPolymarketRecording.ts'
export { bookHash, type HashedBook } from './wire/bookHash.ts'

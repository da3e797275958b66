/** The tape: frames to events to books to channels, one pipeline for live and replay. */
export { Tape, type TapeOptions } from './tape.ts'
export { takeKeyframe, restoreKeyframe, type Keyframe } from './keyframe.ts'
export { copyForScreen, OutBuffer } from './viewFilter.ts'
export { COLUMN_TICKS } from './secondRoller.ts'
export type { BookState, Venue } from './bookState.ts'
export { describeInstruments } from './describe.ts'
export { eventIdsOf, runNamespace, uuidV5 } from './eventId.ts'
export { Fingerprint } from './fingerprint.ts'

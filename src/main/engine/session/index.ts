/** Sessions of the studio: live runs, replays, the library, and the screens that look at them. */
export { StudioEngine } from './studioEngine.ts'
export { LiveRun, type LiveResult, type LiveRunOptions } from './liveRun.ts'
export { describeBundle } from './library.ts'
export { parseCommand } from './commandSchema.ts'
export { askPractice, type PracticeFacts } from './practiceAddress.ts'

/** The live tape over a running capture. */
export { LiveSession, type FramesPart, type LiveHost } from './liveSession.ts'
export type { LiveFacts } from './growingSource.ts'

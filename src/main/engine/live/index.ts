/** The live tape over a running capture. */
export { LiveSession, type FramesPart, type LiveFacts, type LiveHost } from './liveSession.ts'

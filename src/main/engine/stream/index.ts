/** Events as lines for outside clients: of a bundle or a recorded day on a replay clock, or of a recording under way. The lines are the same. */
export { ReplayStream, type DayStreamHost } from './replayStream.ts'
export { LiveStream, type LiveStreamFacts } from './liveStream.ts'
export type { StreamLink, StreamSink, StreamSource } from './streamTypes.ts'

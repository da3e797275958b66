/** Events as lines for outside clients: of a bundle on a replay clock, or of a recording under way. The lines are the same. */
export { ReplayStream } from './replayStream.ts'
export { LiveStream, type LiveStreamFacts } from './liveStream.ts'
export type { StreamLink, StreamSink, StreamSource } from './streamTypes.ts'

/** Browser mode: the studio in any browser of this machine, over HTTP and one WebSocket a screen. */
export { startStudioServer, type StudioServer, type StudioServerOptions } from './studioServer.ts'
/** The built screen, read safely; the desktop serves it through a scheme of its own. */
export { findPageFile, type PageFile } from './pageFiles.ts'
/** Events for programs: of a bundle, or of a recording under way. */
export { startStreamServer, type StreamServer, type StreamServerOptions } from './streamServer.ts'
/** Manifests and segments of a journal for programs. */
export { startLakeServer, type LakeServer, type LakeServerOptions } from './lakeServer.ts'
export { answerLakeRoute } from './lakeRoutes.ts'

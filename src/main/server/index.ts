/** Browser mode: the studio in any browser of this machine, over HTTP and one WebSocket a screen. */
export { startStudioServer, type StudioServer, type StudioServerOptions } from './studioServer.ts'

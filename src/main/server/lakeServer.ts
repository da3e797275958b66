import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StudioError } from '../../shared/errors.ts'
import { answerLakeRoute } from './lakeRoutes.ts'
import { answer } from './pageFiles.ts'

export interface LakeServerOptions {
  /** The run bundle whose journal is served. */
  readonly bundleDir: string
  /** 127.0.0.1 unless it is to be open to others on purpose. */
  readonly host?: string
  /** 0 = any free port. */
  readonly port: number
  /** Origins of web pages that may read; `*` = any, as the storage seed has it. None unless named. */
  readonly origins?: readonly string[]
}

export interface LakeServer {
  readonly port: number
  readonly url: string
  /** Safe to call twice. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/**
 * Serves the journal of a run to programs over HTTP: manifests and segments, reading only.
 * @throws StudioError PORT_IN_USE, FILE_FAILED when the system refuses host or port
 */
export async function startLakeServer(options: LakeServerOptions): Promise<LakeServer> {
  const { host = LOOPBACK, port } = options
  const http = createServer((request, response) => void onRequest(http, request, response, options))
  await new Promise<void>((done, fail) => {
    http.once('error', (error: NodeJS.ErrnoException) => fail(listenFault(error, port)))
    http.listen({ host, port, exclusive: true }, done)
  })
  const taken = (http.address() as AddressInfo).port
  let closing: Promise<void> | undefined
  return {
    port: taken,
    url: `http://${host}:${taken}`,
    close: () => (closing ??= ended(http))
  }
}

async function onRequest(http: Server, request: IncomingMessage, response: ServerResponse, options: LakeServerOptions): Promise<void> {
  const { bundleDir, host = LOOPBACK, origins = [] } = options
  response.setHeader('X-Content-Type-Options', 'nosniff')
  const { origin } = request.headers
  if (origin !== undefined) {
    if (!origins.includes('*') && !origins.includes(origin)) return answer(response, 403)
    response.setHeader('Access-Control-Allow-Origin', origins.includes('*') ? '*' : origin)
  }
  // By DNS rebinding a foreign name may point to loopback; its pages then ask with that name.
  const port = (http.address() as AddressInfo | null)?.port
  if (host === LOOPBACK && ![`${LOOPBACK}:${port}`, `localhost:${port}`].includes(request.headers.host ?? '')) return answer(response, 403)
  try {
    if (!(await answerLakeRoute(request, response, bundleDir))) answer(response, 404)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else answer(response, 500, error instanceof Error ? error.message : '')
  }
}

function ended(http: Server): Promise<void> {
  return new Promise((done) => {
    http.close(() => done())
    http.closeAllConnections()
  })
}

function listenFault(error: NodeJS.ErrnoException, port: number): StudioError {
  if (error.code === 'EADDRINUSE')
    return new StudioError('PORT_IN_USE', `Port ${port} is already in use by another program. Choose another one with --port.`, {
      cause: error
    })
  return new StudioError('FILE_FAILED', `Port ${port} could not be opened: ${error.message}.`, { cause: error })
}

import { readFile, realpath } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, sep } from 'node:path'
import { pagePath } from '../../shared/page/index.ts'

/** Serves the built screen. Sends the body and the status; the security headers are set already. */
export async function servePage(request: IncomingMessage, response: ServerResponse, rendererDir: string): Promise<void> {
  const found = pagePath(request.url ?? '')
  if (found.status !== 200) return answer(response, found.status)
  const bytes = await readConfined(rendererDir, found.names)
  if (bytes === undefined) return answer(response, 404)
  response.setHeader('Content-Type', found.contentType)
  response.setHeader('Content-Length', bytes.length)
  // The names of built files change with their content, except for the page itself.
  response.setHeader('Cache-Control', found.names[0] === 'assets' ? 'max-age=31536000, immutable' : 'no-cache')
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** @returns undefined when the file does not exist, or a link leads out of the folder */
async function readConfined(rendererDir: string, names: readonly string[]): Promise<Buffer | undefined> {
  try {
    const root = await realpath(rendererDir)
    const path = await realpath(join(root, ...names))
    return path.startsWith(root + sep) ? await readFile(path) : undefined
  } catch {
    return undefined
  }
}

const SENTENCES: Readonly<Record<number, string>> = {
  400: 'The address is malformed.',
  403: 'Refused.',
  404: 'There is nothing here.',
  405: 'Only GET is answered here.'
}

/** Ends a request that found nothing. */
export function answer(response: ServerResponse, status: number, sentence = SENTENCES[status] ?? ''): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.end(`${sentence}\n`)
}

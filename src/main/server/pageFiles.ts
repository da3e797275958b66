import { readFile, realpath } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, sep } from 'node:path'
import { pagePath } from '../../shared/page/index.ts'

/** A file of the built screen, or why there is none. */
export type PageFile =
  | { readonly status: 200; readonly bytes: Buffer<ArrayBuffer>; readonly contentType: string; readonly cacheControl: string }
  | { readonly status: 400 | 403 | 404 }

/**
 * Finds a file of the built screen, for whichever door it is served through.
 * @param requestPath as it came over the wire; never leads out of the folder, by no spelling and through no link
 */
export async function findPageFile(rendererDir: string, requestPath: string): Promise<PageFile> {
  const found = pagePath(requestPath)
  if (found.status !== 200) return found
  const bytes = await readConfined(rendererDir, found.names)
  if (bytes === undefined) return { status: 404 }
  // The names of built files change with their content, except for the page itself.
  const cacheControl = found.names[0] === 'assets' ? 'max-age=31536000, immutable' : 'no-cache'
  return { status: 200, bytes, contentType: found.contentType, cacheControl }
}

/** Sends a file of the built screen; the security headers are set already. */
export async function servePage(request: IncomingMessage, response: ServerResponse, rendererDir: string): Promise<void> {
  const file = await findPageFile(rendererDir, request.url ?? '')
  if (file.status !== 200) return answer(response, file.status)
  response.setHeader('Content-Type', file.contentType)
  response.setHeader('Content-Length', file.bytes.length)
  response.setHeader('Cache-Control', file.cacheControl)
  response.end(request.method === 'HEAD' ? undefined : file.bytes)
}

/** @returns undefined when the file does not exist, or a link leads out of the folder */
async function readConfined(rendererDir: string, names: readonly string[]): Promise<Buffer<ArrayBuffer> | undefined> {
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

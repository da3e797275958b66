import { securityHeaders } from '../../shared/page/index.ts'
import { findPageFile } from '../server/index.ts'
import { APP_ORIGIN } from './trust.ts'

/** Answers a request of the window for a file of the screen; everything else is refused. */
export async function appResponse(request: { readonly url: string; readonly method: string }, rendererDir: string): Promise<Response> {
  const headers = securityHeaders()
  if (request.method !== 'GET') return new Response(null, { status: 405, headers })
  if (!request.url.startsWith(`${APP_ORIGIN}/`)) return new Response(null, { status: 404, headers })
  const file = await findPageFile(rendererDir, request.url.slice(APP_ORIGIN.length))
  if (file.status !== 200) return new Response(null, { status: file.status, headers })
  return new Response(file.bytes, { headers: { ...headers, 'Content-Type': file.contentType } })
}

/** The kinds of files that the screen is made of; nothing else is served. */
const CONTENT_TYPES = new Map(
  Object.entries({
    html: 'text/html; charset=utf-8',
    js: 'text/javascript; charset=utf-8',
    mjs: 'text/javascript; charset=utf-8',
    css: 'text/css; charset=utf-8',
    wasm: 'application/wasm',
    json: 'application/json',
    svg: 'image/svg+xml',
    png: 'image/png',
    ico: 'image/x-icon',
    woff2: 'font/woff2'
  })
)

export type PagePath =
  | { readonly status: 200; readonly names: readonly string[]; readonly contentType: string }
  | { readonly status: 400 | 403 | 404 }

/**
 * Turns the path of a request, as it came over the wire, into the names of a file below the screen's folder.
 * A name is never `..`, never holds a separator of any system, and never is empty; `/` is `index.html`.
 * The caller still has to refuse a link that leads out of the folder.
 */
export function pagePath(requestPath: string): PagePath {
  const decoded = decode(requestPath.split(/[?#]/, 1)[0] ?? '')
  if (decoded === undefined || !decoded.startsWith('/')) return { status: 400 }
  const names = (decoded === '/' ? '/index.html' : decoded).slice(1).split('/')
  if (names.some((name) => name.split('\\').includes('..'))) return { status: 403 }
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (names.some((name) => name === '' || name === '.' || /[\u0000-\u001f\\:]/.test(name))) return { status: 404 }
  const contentType = CONTENT_TYPES.get(/\.([a-z0-9]+)$/.exec(decoded === '/' ? '/index.html' : decoded)?.[1] ?? '')
  return contentType === undefined ? { status: 404 } : { status: 200, names, contentType }
}

/** @returns undefined for a malformed percent sequence */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

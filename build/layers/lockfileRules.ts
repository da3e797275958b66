import type { Finding } from './finding.ts'

interface LockEntry {
  readonly resolved?: string
  readonly version?: string
  readonly integrity?: string
  readonly link?: boolean
}

/** @returns packages whose lockfile entry names an address, or lacks the hash that makes the address unimportant */
export function checkLockfile(text: string): Finding[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, LockEntry> }
  return Object.entries(packages).flatMap(([path, entry]) => {
    if (path === '' || entry.link) return []
    const line = text.slice(0, text.indexOf(`"${path}"`)).split('\n').length
    const found = (message: string): Finding[] => [{ file: 'package-lock.json', line, rule: 'lockfile', message: `${path}: ${message}` }]
    if (entry.resolved !== undefined)
      return found('names the address it came from; .npmrc has omit-lockfile-registry-resolved, so write the lockfile again with npm')
    if (/[/:]/.test(entry.version ?? '')) return found('its version is an address: only released versions from the registry are used')
    return entry.integrity === undefined ? found('has no integrity hash') : []
  })
}

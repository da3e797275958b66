import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A token nobody can guess, fit for a URL fragment. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Compares in constant time, whatever the lengths. */
export function tokenMatches(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

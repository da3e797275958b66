import { create } from 'zustand'
import type { SessionState } from '../../shared/api/index.ts'

/** Parts of the session that change with every frame: read them from the client's plain state, never from this store. */
type Volatile = 'playheadRelNs' | 'endRelNs' | 'counts' | 'capture' | 'latest' | 'playheadFingerprint' | 'dvr'
/** The session as React sees it: only what changes rarely. */
export type RareSession = Omit<SessionState, Volatile> & {
  /** LIVE records on while the screen shows the past. */
  readonly lookingBack: boolean
}

export type Connection = { readonly state: 'connecting' | 'ready' } | { readonly state: 'lost'; readonly reason: string }

interface SessionStore {
  readonly session: RareSession | undefined
  readonly connection: Connection
}

export const useSession = create<SessionStore>(() => ({ session: undefined, connection: { state: 'connecting' } }))

let shown = ''

/** Takes a new state over when a rare part of it differs. @returns true when it did */
export function showSession(state: SessionState): boolean {
  const { playheadRelNs: _p, endRelNs: _e, counts: _c, capture: _k, latest: _l, playheadFingerprint: _f, dvr, ...rest } = state
  const rare: RareSession = { ...rest, indexed: Math.floor(state.indexed * 100) / 100, lookingBack: dvr !== undefined }
  const text = JSON.stringify(rare)
  if (text === shown) return false
  shown = text
  useSession.setState({ session: rare })
  return true
}

export function forgetSession(): void {
  shown = ''
  useSession.setState({ session: undefined })
}

export function showConnection(connection: Connection): void {
  useSession.setState({ connection })
}

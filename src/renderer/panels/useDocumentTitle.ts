import { useEffect } from 'react'
import { useSession } from '../stores/sessionStore.ts'

/** Names mode and run in the window's title, so that REPLAY shows in the task bar too. */
export function useDocumentTitle(): void {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const name = useSession((s) => s.session?.name ?? '')
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  useEffect(() => {
    document.title = titleOf(mode, name, lookingBack)
  }, [mode, name, lookingBack])
}

export function titleOf(mode: 'idle' | 'live' | 'replay', name: string, lookingBack = false): string {
  if (mode === 'idle') return 'Tapedeck'
  if (lookingBack) return `LOOKING BACK · LIVE · ${name} – Tapedeck`
  return `${mode === 'live' ? 'LIVE' : 'REPLAY'} · ${name} – Tapedeck`
}

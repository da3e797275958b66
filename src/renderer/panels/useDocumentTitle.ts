import { useEffect } from 'react'
import { useSession } from '../stores/sessionStore.ts'

/** Names mode and run in the window's title, so that REPLAY shows in the task bar too. */
export function useDocumentTitle(): void {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const name = useSession((s) => s.session?.name ?? '')
  useEffect(() => {
    document.title = titleOf(mode, name)
  }, [mode, name])
}

export function titleOf(mode: 'idle' | 'live' | 'replay', name: string): string {
  if (mode === 'idle') return 'Tapedeck'
  return `${mode === 'live' ? 'LIVE' : 'REPLAY'} · ${name} – Tapedeck`
}

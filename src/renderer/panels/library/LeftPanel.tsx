import { useSession } from '../../stores/sessionStore.ts'
import { GoLive } from './GoLive.tsx'
import { Library } from './Library.tsx'
import { MarketPicker } from './MarketPicker.tsx'

/** Where data comes from: LIVE sources, recorded bundles, and the markets of what is open. */
export function LeftPanel() {
  const open = useSession((s) => (s.session?.mode ?? 'idle') !== 'idle')
  return (
    <nav className="left-panel" aria-label="Sources">
      <GoLive />
      <Library />
      {open && <MarketPicker />}
    </nav>
  )
}

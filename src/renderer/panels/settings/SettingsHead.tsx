import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { setSettingsPage, showSettingsPage, useSettings } from '../../stores/settingsStore.ts'
import { Button } from '../../ui/Button.tsx'

/** Title, search, and what concerns all settings at once. */
export function SettingsHead() {
  const { settings: actions } = useStudio()
  const chosen = useSettings((s) => s.settings.filter(({ origin }) => origin === 'chosen').length)
  const search = useSettings((s) => s.search)
  const changedOnly = useSettings((s) => s.changedOnly)
  const live = useSession((s) => s.session?.mode === 'live')
  return (
    <header className="settings-head">
      <h2>Capture settings</h2>
      <input
        className="search"
        type="search"
        placeholder="Search settings"
        aria-label="Search settings"
        data-testid="settings-search"
        value={search}
        onChange={(event) => setSettingsPage({ search: event.target.value })}
      />
      <label className="check">
        <input
          type="checkbox"
          data-testid="settings-changed-only"
          checked={changedOnly}
          onChange={(event) => setSettingsPage({ changedOnly: event.target.checked })}
        />
        Changed only
      </label>
      <Button
        label="Reset all"
        testId="settings-reset-all"
        refusal={chosen === 0 ? 'every setting is at its default' : undefined}
        onClick={() => void actions.resetAll()}
      />
      <Button label="Close" testId="settings-close" onClick={() => showSettingsPage(false)} />
      <Said live={live} />
    </header>
  )
}

function Said({ live }: { readonly live: boolean }) {
  const { settings: actions } = useStudio()
  const undo = useSettings((s) => s.undo)
  const count = Object.keys(undo ?? {}).length
  return (
    <p className="settings-said" role="status" data-testid="settings-said">
      {undo === undefined ? (
        live ? (
          'LIVE is recording: what you change here counts from the next start.'
        ) : (
          'A change is kept at once and counts from the next start of LIVE.'
        )
      ) : (
        <>
          <span>{count === 1 ? 'One setting went' : `${count} settings went`} back to the default.</span>
          <Button label="Undo" testId="settings-undo" kind="quiet" onClick={() => void actions.undoReset()} />
        </>
      )}
    </p>
  )
}

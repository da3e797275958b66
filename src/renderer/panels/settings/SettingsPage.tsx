import { useMemo, useRef } from 'react'
import type { SettingFacts } from '../../../shared/api/index.ts'
import { isChanged, matchingSettings, showSettingsPage, useSettings } from '../../stores/settingsStore.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { SecretRow } from './SecretRow.tsx'
import { SettingRow } from './SettingRow.tsx'
import { SettingsHead } from './SettingsHead.tsx'

/** Every setting of a capture over the whole window, made from the declaration that the command line uses too. */
export function SettingsPage() {
  const open = useSettings((s) => s.open)
  if (!open) return null
  return (
    <Dialog label="Capture settings" testId="settings" onClose={() => showSettingsPage(false)} wide>
      <SettingsHead />
      <SettingsBody />
    </Dialog>
  )
}

function SettingsBody() {
  const settings = useSettings((s) => s.settings)
  const search = useSettings((s) => s.search)
  const changedOnly = useSettings((s) => s.changedOnly)
  const shown = useMemo(() => groupsOf(matchingSettings(settings, search, changedOnly)), [settings, search, changedOnly])
  const list = useRef<HTMLDivElement>(null)
  const goTo = (at: number): void => list.current?.children[at]?.scrollIntoView({ block: 'start' })
  return (
    <div className="settings-body">
      <nav className="settings-groups" aria-label="Groups of settings">
        {shown.map(([group, rows], at) => (
          <button key={group} type="button" data-testid="settings-group" onClick={() => goTo(at)}>
            <span>{group}</span>
            <span className="muted">{countText(rows)}</span>
          </button>
        ))}
      </nav>
      <div className="settings-list" ref={list} data-testid="settings-list">
        {shown.length === 0 && <p className="hint">{changedOnly ? 'Nothing is changed here.' : 'No setting matches.'}</p>}
        {shown.map(([group, rows]) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            {rows.some(({ name }) => name.startsWith('world_')) && <SecretRow />}
            {rows.map((setting) => (
              <SettingRow key={setting.name} setting={setting} />
            ))}
          </section>
        ))}
      </div>
    </div>
  )
}

function groupsOf(settings: readonly SettingFacts[]): readonly (readonly [string, readonly SettingFacts[]])[] {
  return [...Map.groupBy(settings, ({ group }) => group)]
}

function countText(rows: readonly SettingFacts[]): string {
  const changed = rows.filter(isChanged).length
  return changed === 0 ? String(rows.length) : `${changed} of ${rows.length} changed`
}

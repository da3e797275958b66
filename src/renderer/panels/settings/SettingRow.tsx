import type { SettingFacts } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { settingLabel } from '../../stores/settingLabel.ts'
import { useSettings } from '../../stores/settingsStore.ts'
import { Button } from '../../ui/Button.tsx'
import { shownText } from '../../ui/shownText.ts'
import { SettingControl } from './SettingControl.tsx'

/** One setting: its name, what it is for, what may be given, and its value. */
export function SettingRow({ setting }: { readonly setting: SettingFacts }) {
  const { settings: actions } = useStudio()
  const refused = useSettings((s) => s.refused[setting.name])
  const { name, meaning, origin, note } = setting
  const problem = refused ?? setting.problem
  return (
    <div className={`setting ${origin}`} data-testid="setting" data-name={name} data-origin={origin}>
      <div className="setting-what">
        <label htmlFor={`setting-${name}`}>
          {settingLabel(name).label} <code>{name}</code>
        </label>
        <p id={`meaning-${name}`}>{meaning}</p>
        <p className="setting-range">{rangeText(setting)}</p>
      </div>
      <div className="setting-value">
        {origin !== 'form' && <SettingControl setting={setting} invalid={problem !== undefined} />}
        {origin === 'chosen' && (
          <Button
            label={`Reset ${name} to ${setting.defaultText}`}
            testId="setting-reset"
            kind="quiet"
            onClick={() => void actions.set(name, null)}
          >
            Reset
          </Button>
        )}
        {origin === 'environment' && (
          <p className="setting-note environment" data-testid="setting-environment">
            Set by <code>{setting.variable}</code>
          </p>
        )}
        {note !== undefined && <p className="setting-note">{note}</p>}
        {problem !== undefined && (
          <p className="setting-problem" role="alert" id={`problem-${name}`} data-testid="setting-problem">
            {shownText(problem)}
          </p>
        )}
      </div>
    </div>
  )
}

function rangeText({ defaultText, allowed, kind, origin }: SettingFacts): string {
  if (origin === 'form') return ''
  const start = `Default ${defaultText === '' ? 'empty' : defaultText}`
  return kind === 'boolean' ? start : `${start} · allowed: ${allowed}`
}

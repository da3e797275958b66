import { type KeyboardEvent, useState } from 'react'
import type { SettingFacts } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { settingLabel } from '../../stores/settingLabel.ts'
import { showRefused } from '../../stores/settingsStore.ts'

interface SettingControlProps {
  readonly setting: SettingFacts
  readonly invalid: boolean
}

/** The field of a setting. What is typed counts when the field is left or Enter is pressed; Escape takes it back. */
export function SettingControl({ setting, invalid }: SettingControlProps) {
  return setting.kind === 'boolean' ? <Switch setting={setting} /> : <TextControl setting={setting} invalid={invalid} />
}

function Switch({ setting }: { readonly setting: SettingFacts }) {
  const { settings: actions } = useStudio()
  const { name, text, origin } = setting
  return (
    <span className="setting-field">
      <input
        id={`setting-${name}`}
        type="checkbox"
        aria-describedby={`meaning-${name}`}
        data-testid="setting-input"
        checked={text === 'true'}
        disabled={origin === 'environment'}
        onChange={(event) => void actions.set(name, String(event.target.checked))}
      />
      <span>{text === 'true' ? 'on' : 'off'}</span>
    </span>
  )
}

function TextControl({ setting, invalid }: SettingControlProps) {
  const { settings: actions } = useStudio()
  const { name, text, origin, kind } = setting
  // Undefined: nothing is typed, the value in force is shown.
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const commit = async (): Promise<void> => {
    if (typed === undefined) return
    if (typed.trim() === text) return takeBack()
    if (await actions.set(name, typed)) setTyped(undefined)
  }
  const takeBack = (): void => {
    setTyped(undefined)
    showRefused(name, undefined)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') void commit()
    if (event.key !== 'Escape' || typed === undefined) return
    event.preventDefault()
    event.stopPropagation()
    takeBack()
  }
  return (
    <span className="setting-field">
      <input
        id={`setting-${name}`}
        className={kind}
        type="text"
        inputMode={kind === 'number' && !setting.takesNone ? 'decimal' : 'text'}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={invalid}
        aria-describedby={invalid ? `problem-${name}` : `meaning-${name}`}
        data-testid="setting-input"
        value={typed ?? text}
        disabled={origin === 'environment'}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => void commit()}
        onKeyDown={onKey}
      />
      <span className="unit">{settingLabel(name).unit}</span>
    </span>
  )
}

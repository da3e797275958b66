import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { SecretFacts } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSettings } from '../../stores/settingsStore.ts'
import { Button } from '../../ui/Button.tsx'
import { shownText } from '../../ui/shownText.ts'

const STANDS: Readonly<Record<SecretFacts['origin'], string>> = {
  environment: 'from the environment',
  keychain: 'stored in the keychain',
  none: 'not set'
}

/** The key of the private weather stations: where it comes from, and how to set or remove it. The page never gets to see it again. */
export function SecretRow() {
  const { settings: actions } = useStudio()
  const facts = useSettings((s) => s.secrets.find(({ name }) => name === 'pws'))
  const [refused, setRefused] = useState<string | undefined>(undefined)
  const [isTyping, setTyping] = useState(false)
  if (facts === undefined) return null
  const { origin, variable, refusal, problem } = facts
  const said = refused ?? problem
  const keep = async (value: string): Promise<void> => {
    const sentence = await actions.setSecret('pws', value)
    setRefused(sentence)
    if (sentence === undefined) setTyping(false)
  }
  return (
    <div className={`setting ${origin === 'none' ? 'default' : 'chosen'}`} data-testid="secret" data-origin={origin}>
      <div className="setting-what">
        <label htmlFor="secret-pws">Weather Underground key</label>
        <p>Key of the private weather stations, from the environment or the keychain of the computer; never in a file in clear text.</p>
        {refusal !== undefined && <p className="setting-range">{shownText(refusal)}</p>}
      </div>
      <div className="setting-value">
        <p data-testid="secret-state" role="status">
          {STANDS[origin]}
          {origin === 'environment' && (
            <>
              {' '}
              (<code>{variable}</code>)
            </>
          )}
        </p>
        {isTyping ? (
          <KeyField onKeep={(value) => void keep(value)} onCancel={() => setTyping(false)} />
        ) : (
          <Button label="Set…" testId="secret-set" refusal={refusal} onClick={() => setTyping(true)} />
        )}
        {origin === 'keychain' && !isTyping && (
          <Button label="Remove" testId="secret-remove" kind="quiet" onClick={() => void actions.clearSecret('pws').then(setRefused)} />
        )}
        {said !== undefined && (
          <p className="setting-problem" role="alert" data-testid="secret-problem">
            {shownText(said)}
          </p>
        )}
      </div>
    </div>
  )
}

interface KeyFieldProps {
  readonly onKeep: (value: string) => void
  readonly onCancel: () => void
}

function KeyField({ onKeep, onCancel }: KeyFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  useEffect(() => field.current?.focus(), [])
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onKeep(typed.trim())
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    onCancel()
  }
  return (
    <span className="setting-field">
      <input
        id="secret-pws"
        ref={field}
        type="password"
        autoComplete="off"
        spellCheck={false}
        data-testid="secret-input"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKey}
      />
      <Button label="Keep the key" testId="secret-keep" kind="primary" onClick={() => onKeep(typed.trim())}>
        Keep
      </Button>
      <Button label="Cancel" testId="secret-cancel" kind="quiet" onClick={onCancel} />
    </span>
  )
}

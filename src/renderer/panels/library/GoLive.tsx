import { useState } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { type LiveForm, setLiveForm, sourceOf, useLiveForm } from '../../stores/liveFormStore.ts'
import { isChanged, showSettingsPage, useSettings } from '../../stores/settingsStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { LiveFields } from './LiveFields.tsx'

const SOURCES: readonly (readonly [LiveForm['kind'], string, string])[] = [
  ['practice', 'Practice venue', 'A venue inside the app, on this computer only: generated data, no network.'],
  ['polymarket', 'Polymarket', 'The public market channel. Connects to Polymarket over the internet.'],
  ['binance', 'Binance spot', 'Public trades and books. Connects to Binance over the internet.'],
  ['practice_at', 'Practice venue at an address', 'A practice venue that already runs, by the address it printed.']
]

/** Chooses where LIVE gets its data, and starts or stops the recording. */
export function GoLive() {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const kind = useLiveForm((s) => s.kind)
  // Undefined = as the mode suggests: open while nothing is, folded while a bundle has the screen.
  const [chosen, setChosen] = useState<boolean | undefined>(undefined)
  if (mode === 'live') {
    return (
      <section className="panel go-live" aria-label="Go LIVE">
        <div className="panel-head">
          <h2>LIVE</h2>
        </div>
        <Recording />
      </section>
    )
  }
  const open = chosen ?? mode === 'idle'
  return (
    <section className="panel go-live" aria-label="Go LIVE">
      <div className="panel-head">
        <button type="button" className="fold" aria-expanded={open} data-testid="go-live-fold" onClick={() => setChosen(!open)}>
          <h2>Go LIVE</h2>
          {!open && <span className="muted">{SOURCES.find(([one]) => one === kind)?.[1]}</span>}
        </button>
      </div>
      {open && <Start />}
    </section>
  )
}

function Start() {
  const { actions } = useStudio()
  const form = useLiveForm()
  const made = sourceOf(form)
  const hint = SOURCES.find(([kind]) => kind === form.kind)?.[2] ?? ''
  return (
    <form className="live-form" onSubmit={(event) => event.preventDefault()}>
      <label className="field wide">
        <span>Source</span>
        <select
          data-testid="live-source"
          value={form.kind}
          onChange={(event) => setLiveForm({ kind: event.target.value as LiveForm['kind'] })}
        >
          {SOURCES.map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <LiveFields form={form} />
      <SettingsLine />
      <p className="hint" data-testid="live-hint">
        {'problem' in made ? made.problem : hint}
      </p>
      <Button
        label="Start LIVE"
        testId="live-start"
        kind="primary"
        refusal={'problem' in made ? made.problem : undefined}
        onClick={() => void actions.goLive()}
      >
        <Icon name="record" /> Start LIVE
      </Button>
    </form>
  )
}

/** The way to the settings, and how many of them are not as they come. */
function SettingsLine() {
  const changed = useSettings((s) => s.settings.filter(isChanged).length)
  return (
    <button
      type="button"
      className="settings-line"
      data-testid="live-settings"
      title="Capture settings (,)"
      onClick={() => showSettingsPage(true)}
    >
      <Icon name="sliders" />
      <span>Capture settings…</span>
      <span className="muted">{changed === 0 ? 'all default' : `${changed} changed`}</span>
    </button>
  )
}

function Recording() {
  const { actions } = useStudio()
  const name = useSession((s) => s.session?.name ?? '')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  return (
    <div className="recording">
      <p>
        <span className="rec-dot" aria-hidden="true">
          ●
        </span>{' '}
        {phase === 'recording' || lookingBack ? `Recording ${name}` : `${name}: ${phase}…`}
      </p>
      <Button
        label="Stop LIVE"
        testId="live-stop"
        kind="danger"
        refusal={phase === 'stopping' ? 'the bundle is being closed' : undefined}
        onClick={() => void actions.stopLive()}
      >
        <Icon name="stop" /> Stop and keep the bundle
      </Button>
    </div>
  )
}

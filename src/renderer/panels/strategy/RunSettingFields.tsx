import { RUN_SETTINGS, type RunSetting } from '../../../shared/api/index.ts'
import { setRunSetting, type StrategyForm } from '../../stores/strategyStore.ts'

/** Fees, limits and ends of a run, folded away: the defaults are those of the command line. */
export function RunSettingFields({ form: { over, settings } }: { readonly form: StrategyForm }) {
  const shown = RUN_SETTINGS.filter((setting: RunSetting) => over === 'bundle' || setting.replayOnly !== true)
  return (
    <details className="run-settings" data-testid="run-settings">
      <summary>Advanced</summary>
      {shown.map((setting: RunSetting & (typeof RUN_SETTINGS)[number]) => (
        <label key={setting.key} className="field wide" title={setting.flag}>
          <span>{setting.label}</span>
          <input
            type="text"
            inputMode="decimal"
            spellCheck={false}
            placeholder="none"
            data-testid={`run-${setting.key}`}
            value={settings[setting.key]}
            onChange={(event) => setRunSetting(setting.key, event.target.value)}
          />
          <small className="hint">{helpText(setting)}</small>
        </label>
      ))}
    </details>
  )
}

function helpText({ help, default: value }: RunSetting): string {
  return `${help[0]?.toUpperCase()}${help.slice(1)}. Default: ${value ?? 'none'}.`
}

import { setScreen } from '../../stores/screenStore.ts'
import { showSettingsPage } from '../../stores/settingsStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { CaptureCounters } from './CaptureCounters.tsx'
import { Clocks } from './Clocks.tsx'
import { FeedDots } from './FeedDots.tsx'
import { IntegrityBadge } from './IntegrityBadge.tsx'
import { ModeSwitch } from './ModeSwitch.tsx'
import { Source } from './Source.tsx'

/** Mode, source, clock, feeds and integrity: what an analyst must never be wrong about. */
export function TopBar() {
  return (
    <header className="top-bar">
      <ModeSwitch />
      <Source />
      <Clocks />
      <div className="top-right">
        <CaptureCounters />
        <FeedDots />
        <IntegrityBadge />
        <Button label="Capture settings" testId="settings-open" kind="icon" keys="," onClick={() => showSettingsPage(true)}>
          <Icon name="sliders" />
        </Button>
        <Button label="Help" testId="help-open" kind="icon" keys="?" onClick={() => setScreen({ helpOpen: true })}>
          ?
        </Button>
      </div>
    </header>
  )
}

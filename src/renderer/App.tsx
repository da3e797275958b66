import { useEffect, useState } from 'react'
import type { StudioTransport } from '../shared/api/index.ts'
import { Actions } from './client/actions.ts'
import { JobActions } from './client/jobActions.ts'
import { SettingsActions } from './client/settingsActions.ts'
import { StorageActions } from './client/storageActions.ts'
import { StudioContext } from './client/studioContext.ts'
import { StudioClient } from './client/studioClient.ts'
import { TimeActions } from './client/timeActions.ts'
import { exposeForTests } from './client/testWindow.ts'
import { DropOverlay } from './panels/DropOverlay.tsx'
import { HelpSheet } from './panels/HelpSheet.tsx'
import { Inspector } from './panels/inspector/Inspector.tsx'
import { LeftPanel } from './panels/library/LeftPanel.tsx'
import { Notices } from './panels/Notices.tsx'
import { Question } from './panels/Question.tsx'
import { ReportPage } from './panels/report/ReportPage.tsx'
import { SettingsPage } from './panels/settings/SettingsPage.tsx'
import { StagePanel } from './panels/stage/StagePanel.tsx'
import { StoragePage } from './panels/storage/StoragePage.tsx'
import { MarkMomentDialog } from './panels/timeline/MarkMoment.tsx'
import { TimelinePanel } from './panels/timeline/TimelinePanel.tsx'
import { TopBar } from './panels/topBar/TopBar.tsx'
import { useDocumentTitle } from './panels/useDocumentTitle.ts'
import { useKeys } from './panels/useKeys.ts'
import { useSession } from './stores/sessionStore.ts'

interface AppProps {
  /** Makes a fresh way to the studio; called again after a lost connection. */
  readonly open: () => StudioTransport
}

/** The whole screen: top bar, library, stage, inspector, timeline, and what lies over them. */
export function App({ open }: AppProps) {
  const [studio] = useState(() => {
    const client = new StudioClient(open)
    const time = new TimeActions(client)
    const actions = new Actions(client, time)
    return {
      client,
      actions,
      time,
      jobs: new JobActions(client, actions),
      settings: new SettingsActions(client),
      storage: new StorageActions(client)
    }
  })
  useEffect(() => {
    studio.client.start()
    exposeForTests(studio.client)
    return () => studio.client.dispose()
  }, [studio])
  return (
    <StudioContext value={studio}>
      <Shell />
    </StudioContext>
  )
}

function Shell() {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  useKeys()
  useDocumentTitle()
  return (
    <div className="app" data-mode={mode} data-past={lookingBack} data-testid="app">
      <TopBar />
      <LeftPanel />
      <StagePanel />
      <Inspector />
      <TimelinePanel />
      <Notices />
      <Question />
      <MarkMomentDialog />
      <HelpSheet />
      <ReportPage />
      <SettingsPage />
      <StoragePage />
      <DropOverlay />
    </div>
  )
}

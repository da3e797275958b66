import { createContext, useContext } from 'react'
import type { Actions } from './actions.ts'
import type { JobActions } from './jobActions.ts'
import type { SettingsActions } from './settingsActions.ts'
import type { StorageActions } from './storageActions.ts'
import type { StudioClient } from './studioClient.ts'
import type { TimeActions } from './timeActions.ts'

export interface Studio {
  readonly client: StudioClient
  readonly actions: Actions
  readonly jobs: JobActions
  readonly settings: SettingsActions
  readonly storage: StorageActions
  readonly time: TimeActions
}

export const StudioContext = createContext<Studio | undefined>(undefined)

/** The studio of this screen. */
export function useStudio(): Studio {
  const studio = useContext(StudioContext)
  if (studio === undefined) throw new Error('broken promise: a panel is shown outside of the app')
  return studio
}

import { create } from 'zustand'
import type { PaletteName } from '../stage/index.ts'

export type InspectorTab = 'book' | 'world' | 'integrity' | 'run' | 'strategy'

/** A failed operation that has the stage to itself, with what can be done about it. */
export interface ShownFailure {
  readonly title: string
  readonly sentence: string
  readonly retry?: () => void
}

interface ScreenStore {
  /** 90 to 99.9. */
  readonly percentile: number
  readonly palette: PaletteName
  readonly showTrades: boolean
  readonly showBest: boolean
  readonly following: boolean
  readonly inspectorTab: InspectorTab
  readonly helpOpen: boolean
  /** The sheet that asks why this moment is marked. */
  readonly marking: boolean
  readonly draggingFiles: boolean
  /** What the studio is busy with, for people; undefined when it is not. */
  readonly busy: string | undefined
  readonly failure: ShownFailure | undefined
  /** False when the browser offers no WebGL 2. */
  readonly drawable: boolean
  /** A question that waits for an answer. */
  readonly question: Question | undefined
}

export interface Question {
  readonly text: string
  readonly yes: string
  readonly no: string
  readonly onYes: () => void
}

/** What the user has chosen of the screen itself. */
export const useScreen = create<ScreenStore>(() => ({
  percentile: 99,
  palette: 'sides',
  showTrades: true,
  showBest: true,
  following: true,
  inspectorTab: 'book',
  helpOpen: false,
  marking: false,
  draggingFiles: false,
  drawable: true,
  busy: undefined,
  failure: undefined,
  question: undefined
}))

export function setScreen(change: Partial<ScreenStore>): void {
  useScreen.setState(change)
}

import { create } from 'zustand'

/** What can be done about a notice, as a button in it. */
export interface NoticeAction {
  readonly label: string
  readonly run: () => void
}

export interface Notice {
  readonly id: number
  readonly level: 'info' | 'warning' | 'error'
  readonly text: string
  readonly action?: NoticeAction
}

interface NoticeStore {
  readonly notices: readonly Notice[]
}

/** Notices shown at once; older ones make room. */
const MAX_NOTICES = 4
const SHOW_MS = { info: 6_000, warning: 12_000, error: 0 } as const
/** One that offers something stays long enough to be reached. */
const SHOW_ACTION_MS = 60_000

export const useNotices = create<NoticeStore>(() => ({ notices: [] }))

let nextId = 1

/** Shows a notice; an error stays until it is dismissed. The same text is never shown twice at once. @returns its id */
export function notify(level: Notice['level'], text: string, action?: NoticeAction): number {
  const id = nextId++
  const others = useNotices.getState().notices.filter((notice) => notice.text !== text)
  useNotices.setState({ notices: [...others, { id, level, text, ...(action !== undefined && { action }) }].slice(-MAX_NOTICES) })
  const showMs = action === undefined ? SHOW_MS[level] : SHOW_ACTION_MS
  if (showMs > 0) setTimeout(() => dismissNotice(id), showMs)
  return id
}

/** Takes the errors away: what they stood in the way of has worked now. */
export function dismissErrors(): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.level !== 'error') }))
}

export function dismissNotice(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }))
}

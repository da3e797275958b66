import { useEffect } from 'react'
import type { JobActions } from '../client/jobActions.ts'
import { keyCommand, type KeyCommand } from '../client/keyCommands.ts'
import { canMove, isAtHead } from '../client/moving.ts'
import { type Studio, useStudio } from '../client/studioContext.ts'
import { dismissNotice, useNotices } from '../stores/noticeStore.ts'
import { useReport } from '../stores/reportStore.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'
import { clearSelection, useSelection } from '../stores/selectionStore.ts'
import { showSettingsPage, useSettings } from '../stores/settingsStore.ts'

/** Keyboard control of the whole window. Keys typed into a field stay there. */
export function useKeys(): void {
  const studio = useStudio()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = keyCommand(event)
      if (command === undefined || (command.do !== 'dismiss' && (belongsToField(event) || sheetIsOpen()))) return
      event.preventDefault()
      perform(command, studio)
    }
    window.addEventListener('keydown', onKey)
    window.addEventListener('click', releaseFocus)
    return () => {
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('click', releaseFocus)
    }
  }, [studio])
}

/** A button pressed with the pointer gives the focus back, so that Space goes on playing. One reached by keyboard keeps it. */
function releaseFocus(event: MouseEvent): void {
  const pressed = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('button, input[type=checkbox]') : null
  if (event.detail > 0) pressed?.blur()
}

/** True when the focused element has its own use for the key. */
function belongsToField(event: KeyboardEvent): boolean {
  const element = event.target
  if (!(element instanceof HTMLElement)) return false
  if (element.closest('input:not([type=checkbox]), select, textarea') !== null) return true
  return event.key === ' ' && element.closest('button, summary, [role=button], [role=tab], input') !== null
}

/** While a sheet is open the keys are its own; `?` closes the help sheet again. */
function sheetIsOpen(): boolean {
  const { question, marking } = useScreen.getState()
  return useReport.getState().page.state !== 'closed' || useSettings.getState().open || question !== undefined || marking
}

function perform(command: KeyCommand, { actions, jobs, time, client }: Studio): void {
  switch (command.do) {
    case 'toggle_play':
      return void actions.togglePlay()
    case 'seek_by':
      return void actions.seekBy(command.seconds)
    case 'step_event':
      return void actions.step('event', 1)
    case 'home':
      return void actions.goHome()
    case 'end':
      return void actions.goEnd()
    case 'speed':
      return void actions.shiftSpeed(command.by)
    case 'jump':
      return void time.jump(command.kind, command.direction)
    case 'loop':
      return void time.toggleLoop()
    case 'mark':
      return canMove(client.now) && isAtHead(client.now) ? setScreen({ marking: true }) : undefined
    case 'help':
      return setScreen({ helpOpen: !useScreen.getState().helpOpen })
    case 'settings':
      return showSettingsPage(true)
    case 'dismiss':
      return dismiss(jobs)
  }
}

/** One press takes one thing away, the uppermost first. */
function dismiss(jobs: JobActions): void {
  const { helpOpen, question, marking } = useScreen.getState()
  if (helpOpen || marking || question !== undefined) return setScreen({ helpOpen: false, marking: false, question: undefined })
  if (useSettings.getState().open) return showSettingsPage(false)
  if (useReport.getState().page.state !== 'closed') return jobs.closeReport()
  const { range, selecting } = useSelection.getState()
  if (range !== undefined || selecting) return clearSelection()
  const newest = useNotices.getState().notices.at(-1)
  if (newest !== undefined) dismissNotice(newest.id)
}

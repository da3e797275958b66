import { useEffect } from 'react'
import { keyCommand, type KeyCommand } from '../client/keyCommands.ts'
import { canMove, isAtHead } from '../client/moving.ts'
import { type Studio, useStudio } from '../client/studioContext.ts'
import { dismissNotice, useNotices } from '../stores/noticeStore.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'
import { clearSelection, useSelection } from '../stores/selectionStore.ts'
import { showSettingsPage } from '../stores/settingsStore.ts'
import { closeTopDialog, isDialogOpen } from '../ui/openDialogs.ts'

/** Keyboard control of the whole window. Keys typed into a field stay there. */
export function useKeys(): void {
  const studio = useStudio()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = keyCommand(event)
      if (command === undefined || (command.do !== 'dismiss' && (belongsToField(event) || isForDialog(command)))) return
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

/** While a dialog is open the keys are its own; `?` closes the sheet of keys again. */
function isForDialog(command: KeyCommand): boolean {
  return isDialogOpen() && !(command.do === 'help' && useScreen.getState().helpOpen)
}

function perform(command: KeyCommand, { actions, time, client }: Studio): void {
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
      return dismiss()
  }
}

/** One press takes one thing away, the uppermost first. */
function dismiss(): void {
  if (closeTopDialog()) return
  const { range, selecting } = useSelection.getState()
  if (range !== undefined || selecting) return clearSelection()
  const newest = useNotices.getState().notices.at(-1)
  if (newest !== undefined) dismissNotice(newest.id)
}

import { useEffect } from 'react'
import type { Actions } from '../client/actions.ts'
import { keyCommand, type KeyCommand } from '../client/keyCommands.ts'
import { useStudio } from '../client/studioContext.ts'
import { dismissNotice, useNotices } from '../stores/noticeStore.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'

/** Keyboard control of the whole window. Keys typed into a field stay there. */
export function useKeys(): void {
  const { actions } = useStudio()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = keyCommand(event)
      if (command === undefined || (command.do !== 'dismiss' && belongsToField(event))) return
      event.preventDefault()
      perform(command, actions)
    }
    window.addEventListener('keydown', onKey)
    window.addEventListener('click', releaseFocus)
    return () => {
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('click', releaseFocus)
    }
  }, [actions])
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

function perform(command: KeyCommand, actions: Actions): void {
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
    case 'help':
      return setScreen({ helpOpen: !useScreen.getState().helpOpen })
    case 'dismiss':
      return dismiss()
  }
}

function dismiss(): void {
  const { helpOpen, question } = useScreen.getState()
  if (helpOpen || question !== undefined) return setScreen({ helpOpen: false, question: undefined })
  const newest = useNotices.getState().notices.at(-1)
  if (newest !== undefined) dismissNotice(newest.id)
}

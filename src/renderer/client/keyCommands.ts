import { JUMP_KINDS, type JumpKind } from '../../shared/api/index.ts'
import { JUMP_KEYS } from '../ui/markText.ts'

/** What a key press asks for. */
export type KeyCommand =
  | { readonly do: 'toggle_play' }
  | { readonly do: 'seek_by'; readonly seconds: number }
  | { readonly do: 'step_event' }
  | { readonly do: 'home' }
  | { readonly do: 'end' }
  | { readonly do: 'speed'; readonly by: 1 | -1 }
  | { readonly do: 'jump'; readonly kind: JumpKind; readonly direction: 1 | -1 }
  | { readonly do: 'loop' }
  | { readonly do: 'mark' }
  | { readonly do: 'help' }
  | { readonly do: 'settings' }
  | { readonly do: 'dismiss' }

/** The parts of a keyboard event that matter. */
export interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
}

/** Keys of the help sheet, in its order. */
export const KEY_HELP: readonly (readonly [string, string])[] = [
  ['Space', 'Play or pause; LIVE goes on recording'],
  ['← →', 'One second back or forward'],
  ['Shift ← →', 'Ten seconds back or forward'],
  ['.', 'Step one event'],
  ['Home', 'To the start'],
  ['End', 'To the end; in LIVE: back to the newest second'],
  ['[ ]', 'Slower, faster'],
  ['M W S G T D', 'Next METAR, window, shock, gap, trade, decision of a strategy; with Shift the previous'],
  ['L', 'Loop the marked range; again: end the loop'],
  ['K', 'LIVE: mark this moment'],
  [',', 'Capture settings (Ctrl + , too)'],
  ['?', 'This sheet'],
  ['Esc', 'Close a sheet or a message; clear the marked range']
]

/** The command of a key press; undefined when the key means nothing here. */
export function keyCommand(press: KeyPress): KeyCommand | undefined {
  if ((press.ctrlKey || press.metaKey) && press.key === ',') return { do: 'settings' }
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined
  const seconds = press.shiftKey ? 10 : 1
  switch (press.key) {
    case ' ':
      return { do: 'toggle_play' }
    case 'ArrowLeft':
      return { do: 'seek_by', seconds: -seconds }
    case 'ArrowRight':
      return { do: 'seek_by', seconds }
    case '.':
      return { do: 'step_event' }
    case 'Home':
      return { do: 'home' }
    case 'End':
      return { do: 'end' }
    case '[':
      return { do: 'speed', by: -1 }
    case ']':
      return { do: 'speed', by: 1 }
    case ',':
      return { do: 'settings' }
    case '?':
      return { do: 'help' }
    case 'Escape':
      return { do: 'dismiss' }
    default:
      return letterCommand(press)
  }
}

/** Letters mean the same with caps lock on. */
function letterCommand({ key, shiftKey }: KeyPress): KeyCommand | undefined {
  const letter = key.toUpperCase()
  const kind = JUMP_KINDS.find((one) => JUMP_KEYS[one] === letter)
  if (kind !== undefined) return { do: 'jump', kind, direction: shiftKey ? -1 : 1 }
  if (letter === 'L') return { do: 'loop' }
  return letter === 'K' ? { do: 'mark' } : undefined
}

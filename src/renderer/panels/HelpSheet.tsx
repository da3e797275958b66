import { KEY_HELP } from '../client/keyCommands.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'

const POINTER_HELP = [
  ['Wheel', 'Zoom time under the pointer'],
  ['Ctrl or Shift + wheel', 'Zoom prices'],
  ['Drag the heatmap', 'Pan; detaches from the playhead'],
  ['Drag the timeline', 'Move the playhead'],
  ['Shift + drag the timeline', 'Mark a range: loop it, make a slice, or play it'],
  ['Drop a bundle', 'A folder, .zip, .tar.gz or .tar.zst opens']
] as const

/** Keys and pointer, on one sheet. */
export function HelpSheet() {
  const open = useScreen((s) => s.helpOpen)
  if (!open) return null
  const close = (): void => setScreen({ helpOpen: false })
  return (
    <Dialog label="Keys" testId="help" onClose={close}>
      <h2>Keys</h2>
      <dl className="keys">
        {[...KEY_HELP, ...POINTER_HELP].map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div className="dialog-buttons">
        <Button label="Close" testId="help-close" kind="primary" onClick={close} />
      </div>
    </Dialog>
  )
}

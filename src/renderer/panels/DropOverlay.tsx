import { useEffect } from 'react'
import { addDropped, carriesFiles } from '../client/addFiles.ts'
import { type Studio, useStudio } from '../client/studioContext.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'

/** The whole window takes folders and archives; while they hover, it says what will happen. */
export function DropOverlay() {
  const studio = useStudio()
  const dragging = useScreen((s) => s.draggingFiles)
  useEffect(() => listenForDrops(studio), [studio])
  if (!dragging) return null
  return (
    <div className="drop-overlay" data-testid="drop-overlay">
      <div className="drop-card">
        <strong>Drop to open</strong>
        <span>
          {window.studio === undefined
            ? 'A .zip, .tar.gz or .tar.zst of a run bundle'
            : 'A run bundle: its folder, or a .zip, .tar.gz or .tar.zst of it'}
        </span>
      </div>
    </div>
  )
}

/**
 * While it is shown the overlay is what lies under the pointer: what is beneath may go at any moment, and a drop on something that is
 * gone would reach nobody.
 */
function listenForDrops(studio: Studio): () => void {
  const ending = new AbortController()
  const options = { signal: ending.signal }
  const show = (event: DragEvent): void => {
    if (!carriesFiles(event.dataTransfer)) return
    event.preventDefault()
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy'
    setDragging(true)
  }
  window.addEventListener('dragenter', show, options)
  window.addEventListener('dragover', show, options)
  // Fires between elements too; only out of the window it goes to nothing.
  window.addEventListener('dragleave', (event) => event.relatedTarget === null && setDragging(false), options)
  // A pointer that moves by itself drags nothing, whatever became of the drag.
  window.addEventListener('mousemove', () => setDragging(false), options)
  window.addEventListener(
    'drop',
    (event) => {
      event.preventDefault()
      setDragging(false)
      if (event.dataTransfer !== null && carriesFiles(event.dataTransfer))
        void addDropped(event.dataTransfer, studio.client, studio.actions)
    },
    options
  )
  return () => ending.abort()
}

function setDragging(draggingFiles: boolean): void {
  if (useScreen.getState().draggingFiles !== draggingFiles) setScreen({ draggingFiles })
}

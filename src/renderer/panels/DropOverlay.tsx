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

function listenForDrops(studio: Studio): () => void {
  const ending = new AbortController()
  const options = { signal: ending.signal }
  // Enter and leave fire for every element under the pointer; the depth says when the window itself is left.
  let depth = 0
  window.addEventListener(
    'dragenter',
    (event) => {
      if (!carriesFiles(event.dataTransfer)) return
      event.preventDefault()
      depth++
      setScreen({ draggingFiles: true })
    },
    options
  )
  window.addEventListener(
    'dragover',
    (event) => {
      if (!carriesFiles(event.dataTransfer)) return
      event.preventDefault()
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy'
    },
    options
  )
  window.addEventListener(
    'dragleave',
    (event) => {
      if (!carriesFiles(event.dataTransfer)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setScreen({ draggingFiles: false })
    },
    options
  )
  window.addEventListener(
    'drop',
    (event) => {
      event.preventDefault()
      depth = 0
      setScreen({ draggingFiles: false })
      if (event.dataTransfer !== null && carriesFiles(event.dataTransfer))
        void addDropped(event.dataTransfer, studio.client, studio.actions)
    },
    options
  )
  return () => ending.abort()
}

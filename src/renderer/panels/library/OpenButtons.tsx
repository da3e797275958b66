import { type ChangeEvent, useRef } from 'react'
import { addChosenFolder, addFiles, ARCHIVE_TYPES } from '../../client/addFiles.ts'
import { useStudio } from '../../client/studioContext.ts'
import { Button } from '../../ui/Button.tsx'

/** The way in without dragging: an archive, and on the desktop a folder too. */
export function OpenButtons() {
  const { client, actions, storage } = useStudio()
  const file = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const desktop = window.studio !== undefined

  const take = (event: ChangeEvent<HTMLInputElement>, add: (files: readonly File[]) => Promise<void>): void => {
    const files = Array.from(event.target.files ?? [])
    event.target.value = ''
    void add(files)
  }
  return (
    <div className="open-buttons">
      <Button label="Open…" testId="open-file" kind="quiet" onClick={() => file.current?.click()} />
      {desktop && <Button label="Folder…" testId="open-folder" kind="quiet" onClick={() => folder.current?.click()} />}
      <Button label="Storage" testId="storage-open" kind="quiet" onClick={() => void storage.open()} />
      <input
        ref={file}
        type="file"
        hidden
        accept={ARCHIVE_TYPES}
        data-testid="open-file-input"
        aria-label="Open an archive of a run bundle"
        onChange={(event) => take(event, (files) => addFiles(files, () => false, client, actions))}
      />
      {desktop && (
        <input
          ref={folder}
          type="file"
          hidden
          webkitdirectory=""
          data-testid="open-folder-input"
          aria-label="Open the folder of a run bundle"
          onChange={(event) => take(event, (files) => addChosenFolder(files, client, actions))}
        />
      )}
    </div>
  )
}

declare module 'react' {
  interface InputHTMLAttributes<T> {
    webkitdirectory?: string
  }
}

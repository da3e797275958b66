import type { CommandReply } from '../../shared/api/index.ts'
import { notify } from '../stores/noticeStore.ts'
import { setScreen } from '../stores/screenStore.ts'
import type { Actions } from './actions.ts'
import { pageToken } from './createTransport.ts'
import type { StudioClient } from './studioClient.ts'

/** What the file dialog offers; the studio itself looks at the bytes. */
export const ARCHIVE_TYPES = '.zip,.gz,.tgz,.zst,.tar'

/** True while a drag carries files from outside. */
export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer !== null && Array.from(transfer.types).includes('Files')
}

/** Adds what was dropped: on the desktop by path, in browser mode by upload. The last one added is opened. */
export async function addDropped(transfer: DataTransfer, client: StudioClient, actions: Actions): Promise<void> {
  const folders = new Set(
    Array.from(transfer.items)
      .map((item) => item.webkitGetAsEntry?.())
      .filter((entry) => entry?.isDirectory)
      .map((entry) => entry?.name)
  )
  await addFiles(Array.from(transfer.files), (file) => folders.has(file.name), client, actions)
}

/** Adds chosen files, one after the other. */
export async function addFiles(
  files: readonly File[],
  isFolder: (file: File) => boolean,
  client: StudioClient,
  actions: Actions
): Promise<void> {
  for (const file of files) {
    setScreen({ busy: `Adding ${file.name}…` })
    try {
      const reply = await addOne(file, isFolder(file), client)
      if (reply !== undefined) await actions.openAdded(reply, file.name)
    } finally {
      setScreen({ busy: undefined })
    }
  }
}

/** Adds a folder chosen in a dialog that lists every file of it. Desktop only. */
export async function addChosenFolder(files: readonly File[], client: StudioClient, actions: Actions): Promise<void> {
  const first = files[0]
  if (first === undefined || window.studio === undefined) return
  const inside = first.webkitRelativePath
  const top = inside.split('/')[0] ?? ''
  const path = window.studio.pathForFile(first)
  const folder = path.slice(0, path.length - inside.length + top.length)
  setScreen({ busy: `Adding ${top}…` })
  const reply = await client.call<'library_add'>({ cmd: 'library_add', path: folder })
  setScreen({ busy: undefined })
  await actions.openAdded(reply, top)
}

async function addOne(file: File, folder: boolean, client: StudioClient): Promise<CommandReply<'library_add'> | undefined> {
  if (window.studio !== undefined) {
    const path = window.studio.pathForFile(file)
    if (path === '') return void notify('warning', `${file.name} has no place on this computer's disk. Save it first, then drop the file.`)
    return client.call<'library_add'>({ cmd: 'library_add', path })
  }
  if (folder) {
    return void notify('warning', 'A browser cannot hand over a folder. Drop a .zip, .tar.gz or .tar.zst of it, or use the desktop app.')
  }
  return upload(file)
}

async function upload(file: File): Promise<CommandReply<'library_add'>> {
  try {
    const response = await fetch(`/upload?name=${encodeURIComponent(file.name)}`, {
      method: 'POST',
      headers: { 'x-tapedeck-token': pageToken() },
      body: file
    })
    return (await response.json()) as CommandReply<'library_add'>
  } catch {
    return {
      ok: false,
      failure: {
        code: 'ABORTED',
        message: `The upload of ${file.name} did not finish. Check that the studio still runs, then drop it again.`
      }
    }
  }
}

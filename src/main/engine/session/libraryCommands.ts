import type { StudioCommand } from '../../../shared/api/index.ts'
import type { Library } from './library.ts'

type LibraryCommand = Extract<
  StudioCommand,
  { cmd: 'library_list' | 'library_rescan' | 'library_forget' | 'library_add' | 'library_add_cancel' }
>

/** @param tell sends the changed library to the screens and passes the answer on */
export function obeyLibrary(library: Library, command: LibraryCommand, tell: <T>(work: Promise<T>) => Promise<T>): Promise<unknown> {
  switch (command.cmd) {
    case 'library_list':
      return library.list()
    case 'library_rescan':
      return tell(library.rescan())
    case 'library_forget':
      return tell(library.forget(command.path))
    case 'library_add':
      return tell(library.add(command.path))
    case 'library_add_cancel':
      library.cancelAdding()
      return Promise.resolve(null)
  }
}

import type { Command } from 'commander'

/** A command of the program. Its module is loaded only when it is asked for, so that start-up is quick and one cannot break another. */
export interface CommandEntry {
  readonly name: string
  /** As the list of commands shows it. */
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** Grouped as in the docs: record, replay, show, practise. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'studio',
    summary: 'serve the studio to a web browser on this machine',
    load: async () => (await import('./studio.ts')).studioCommand()
  }
]

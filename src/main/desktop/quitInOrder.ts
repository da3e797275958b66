/** The parts of Electron's app that ending in order needs. */
export interface QuittingApp {
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): unknown
  quit(): void
  exit(code: number): void
}

export interface QuitOptions {
  /** Ends whatever runs; a recording under way ends in order. */
  readonly dispose: () => Promise<void>
  readonly limitMs: number
  readonly say: (line: string) => void
}

/**
 * Holds back the end of the app until everything has ended in order, within a limit. Native modules in threads must be closed before
 * the process ends, and the windows stay open meanwhile, so that the user sees what is happening.
 */
export function quitInOrder(app: QuittingApp, { dispose, limitMs, say }: QuitOptions): void {
  let state: 'running' | 'ending' | 'ended' = 'running'
  app.on('before-quit', (event) => {
    if (state === 'ended') return
    event.preventDefault()
    if (state === 'ending') return
    state = 'ending'
    const late = setTimeout(() => {
      say('Ending took too long, so the rest was cut off. Opening the recording again repairs it.')
      app.exit(1)
    }, limitMs)
    void dispose()
      .catch((error: unknown) => say(`Ending in order failed: ${error instanceof Error ? error.message : String(error)}`))
      .then(() => {
        clearTimeout(late)
        state = 'ended'
        app.quit()
      })
  })
}

/** A first signal ends in order; a second one ends at once. */
export function quitOnSignals(app: QuittingApp, on: (signal: NodeJS.Signals, listener: () => void) => unknown): void {
  let count = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    on(signal, () => {
      count++
      if (count === 1) app.quit()
      else app.exit(1)
    })
  }
}

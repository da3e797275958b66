/** The engine's threads; each has an entry file `<name>.worker.ts` beside this module. */
export type WorkerName = 'ahead' | 'capture' | 'tape' | 'replay' | 'practice' | 'record' | 'job' | 'strategy' | 'universe'

/**
 * Where the code of a thread lies: the TypeScript file beside this module when running from source,
 * the built entry in `out/main/` when running from a bundle, be this module in an entry or in a chunk of it.
 * @param here the address of this module; given by tests only
 */
export function workerEntry(name: WorkerName, here: string = import.meta.url): URL {
  const self = new URL(here)
  if (self.pathname.endsWith('.ts')) return new URL(`${name}.worker.ts`, self)
  const folder = /\/chunks\/[^/]+$/.test(self.pathname) ? new URL('../', self) : self
  return new URL(`${name}.worker.js`, folder)
}

import { pathToFileURL } from 'node:url'
import { inRepository } from '../workFolder.ts'

/** The plain scripts of `build/` that the bench of the screen needs. */
export interface BuildTools {
  /** Builds the screen where its sources changed. */
  bundle(say: (line: string) => void): Promise<void>
  findChromium(): string | undefined
}

export async function buildTools(): Promise<BuildTools> {
  const load = async (name: string): Promise<unknown> => await import(pathToFileURL(inRepository('build', name)).href)
  const { bundle } = (await load('bundle.mjs')) as Pick<BuildTools, 'bundle'>
  const { findChromium } = (await load('system.mjs')) as Pick<BuildTools, 'findChromium'>
  return { bundle, findChromium }
}

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { CHANNELS } from '../../shared/channels/index.ts'
import { StudioError } from '../../shared/errors.ts'
import { dataDirOf } from './dataDir.ts'

export interface LakeFlags {
  readonly dataDir?: string
  readonly lake?: string
  readonly runDir?: readonly string[]
}

export const LAKE_HELP = 'folder of the lake (default: lake in the data folder)'
export const RUN_DIR_HELP = 'run bundles (default: all in the data folder)'

/** The lake, which may not be there yet. @throws StudioError BUNDLE_NOT_FOUND when something else is in its place */
export function lakeDirOf({ lake, dataDir }: LakeFlags): string {
  const dir = lake === undefined ? join(recordingsOf(dataDir), 'lake') : resolve(lake)
  return existsSync(dir) ? existingFolder(dir, 'lake') : dir
}

/** The bundles that are named, else all below the data folder that have a journal. @throws StudioError BUNDLE_NOT_FOUND */
export function bundleDirsOf({ runDir, dataDir }: LakeFlags): string[] {
  if (runDir !== undefined) return runDir.map((dir) => existingFolder(resolve(dir), 'run bundle'))
  const runs = join(recordingsOf(dataDir), 'runs')
  if (!existsSync(runs)) return []
  return readdirSync(runs)
    .map((name) => join(runs, name))
    .filter((dir) => existsSync(join(dir, 'journal')))
    .toSorted()
}

/** @throws StudioError BUNDLE_NOT_FOUND when a folder is named and not there: nothing found is another answer than nowhere looked */
function recordingsOf(dataDir: string | undefined): string {
  const dir = dataDirOf(dataDir)
  return dataDir === undefined ? dir : existingFolder(dir, 'data folder')
}

/** @throws StudioError BUNDLE_NOT_FOUND */
export function existingLake(lakeDir: string): string {
  return existingFolder(lakeDir, 'lake')
}

function existingFolder(dir: string, what: string): string {
  const found = statSync(dir, { throwIfNoEntry: false })
  if (found === undefined) throw new StudioError('BUNDLE_NOT_FOUND', `There is no ${what} at this place: ${dir}`)
  if (!found.isDirectory()) throw new StudioError('BUNDLE_NOT_FOUND', `A folder is expected as the ${what}, but this is a file: ${dir}`)
  return dir
}

/** For options: names of channels, one after another. */
export function channelNames(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), channelName(text)]
}

/** For options: a channel that can be in a journal. */
export function channelName(text: string): string {
  const recorded = CHANNELS.filter(({ scope }) => scope !== 'view').map(({ name }): string => name)
  if (recorded.includes(text)) return text
  throw new InvalidArgumentError(`There is no recorded channel ${text}. There are ${recorded.join(', ')}.`)
}

export function positive(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Expected a number above 0.')
  return value
}

/** Bytes: a number, with K, M, G or T for powers of 1,000. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected bytes, for example 500G.')
  return Math.round(Number(match[1]) * 1000 ** ' KMGT'.indexOf(match[2]!.toUpperCase() || ' '))
}

/** Ends with the first SIGINT or SIGTERM. */
export function signalOfProcess(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

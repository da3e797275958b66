import { join } from 'node:path'
import type { BundleEntry, DaysListed } from '../../../shared/api/index.ts'
import { listDays } from '../replay/index.ts'
import type { Library } from './library.ts'

/** Where recorded events are: the lake of the data folder, and the journals of these bundles. */
export function storePlaces(bundles: readonly BundleEntry[], dataDir: string): { lakeDir: string; bundleDirs: readonly string[] } {
  return { lakeDir: join(dataDir, 'lake'), bundleDirs: bundles.map(({ path }) => path) }
}

/** The recorded days of the library. */
export async function libraryDays(library: Library, dataDir: string): Promise<DaysListed> {
  return listDays(storePlaces(await library.list(), dataDir))
}

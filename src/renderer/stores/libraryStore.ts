import { create } from 'zustand'
import type { BundleEntry } from '../../shared/api/index.ts'

interface LibraryStore {
  readonly bundles: readonly BundleEntry[]
  readonly loaded: boolean
}

export const useLibrary = create<LibraryStore>(() => ({ bundles: [], loaded: false }))

/** Shows this list, newest run first. */
export function showBundles(bundles: readonly BundleEntry[]): void {
  const newestFirst = [...bundles].sort((a, b) => compareDecimal(b.startTsNs, a.startTsNs))
  useLibrary.setState({ bundles: newestFirst, loaded: true })
}

/** Compares two non-negative decimal integers as text. */
function compareDecimal(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** Bundles whose name, venue or run id contains the words. */
export function matchingBundles(bundles: readonly BundleEntry[], search: string): readonly BundleEntry[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return bundles
  return bundles.filter((bundle) => {
    const text =
      `${bundle.name} ${bundle.venue} ${bundle.runId}${bundle.synthetic ? ' synthetic' : ''}${bundle.demo ? ' demo' : ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

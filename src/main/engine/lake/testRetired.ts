import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readRetired } from '../record/index.ts'
import { journalChannels, readChannelManifest, readJournalFacts } from './journalFiles.ts'

/** For tests: the listed segments of a journal that are neither there nor said to be in the lake, and how many are there. */
export function inspectRetired(bundleDir: string): { readonly lost: readonly string[]; readonly there: number } {
  const facts = readJournalFacts(bundleDir)!
  const lost: string[] = []
  let there = 0
  for (const channel of journalChannels(facts.dir)) {
    const retired = new Set(readRetired(join(facts.dir, `ch=${channel}`)).map(({ path }) => path))
    for (const { path } of readChannelManifest(facts, channel).segments)
      if (existsSync(join(facts.dir, ...path.split('/')))) there++
      else if (!retired.has(path)) lost.push(path)
  }
  return { lost, there }
}

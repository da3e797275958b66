import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishText } from '../record/index.ts'
import type { LakeDisk } from './lakeDisk.ts'
import { fileText } from './lakePaths.ts'
import type { RunProof } from './proofFile.ts'

/**
 * Puts the proofs of a run's channels beside their manifests, as `compacted.json`, so that the bundle itself tells what the lake holds of it.
 * The proof in the lake is the one that counts.
 */
export function noteProofs(disk: LakeDisk, journalDir: string, proof: RunProof | undefined): void {
  if (proof === undefined) return
  for (const channel of new Set(proof.entries.map(({ ch }) => ch))) {
    const dir = join(journalDir, `ch=${channel}`)
    if (!existsSync(dir)) continue
    const entries = proof.entries
      .filter(({ ch }) => ch === channel)
      .map(({ date, compacted_at, rows, segments, hours, books_checked }) => ({ date, compacted_at, rows, segments, hours, books_checked }))
    const text = `${JSON.stringify({ proof: `proofs/${fileText(proof.run_id)}.json`, entries }, undefined, 1)}\n`
    const path = join(dir, 'compacted.json')
    if (textOf(path) !== text) publishText(disk, path, text)
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

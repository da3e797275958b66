import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HEX = /^[0-9a-f]{40,64}$/
const MAX_FOLDERS_UP = 8

/** The commit of the source that runs, where it runs from a clone; undefined in an installed program. */
export function sourceCommit(): string | undefined {
  let dir = dirname(fileURLToPath(import.meta.url))
  for (let up = 0; up < MAX_FOLDERS_UP; up++, dir = dirname(dir)) {
    const head = textOf(join(dir, '.git', 'HEAD'))
    if (head !== undefined) return commitOf(join(dir, '.git'), head)
  }
  return undefined
}

function commitOf(gitDir: string, head: string): string | undefined {
  if (HEX.test(head)) return head
  const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1]
  if (ref === undefined || ref.includes('..')) return undefined
  const loose = textOf(join(gitDir, ref))
  if (loose !== undefined && HEX.test(loose)) return loose
  const packed = textOf(join(gitDir, 'packed-refs'))
  return packed
    ?.split('\n')
    .map((line) => line.split(' '))
    .find(([hash = '', name]) => name === ref && HEX.test(hash))?.[0]
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PAGES } from './docs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Markdown pages, and the folders of the tree, by their paths in the repository. */
function below(folder: string, wanted: 'pages' | 'folders'): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return wanted === 'folders' ? [path] : below(path, wanted)
    return wanted === 'pages' && path.endsWith('.md') ? [path] : []
  })
}

test.each(Object.entries(PAGES))('%s is what the declarations in the code give; if not, run "npm run docs"', (path, page) => {
  expect(read(path)).toBe(page())
})

const pages = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...below('docs', 'pages')]

test.each(pages)('every link of %s leads to a file or a heading that exists', (page) => {
  // What stands between backticks is code, and no link.
  const text = read(page).replace(/```[\s\S]*?```/g, '')
  const dead = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, file = '', anchor]) => {
    const path = file === '' ? page : join(dirname(page), file)
    if (!existsSync(join(root, path))) return true
    return anchor !== undefined && !headings(read(path)).includes(anchor)
  })
  expect(dead.map(([link]) => link)).toEqual([])
})

/** The anchors of a page's headings: lower case, punctuation left out, hyphens for spaces. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
}

test('ARCHITECTURE.md stays under 120 lines', () => {
  expect(read('ARCHITECTURE.md').trimEnd().split('\n').length).toBeLessThan(120)
})

test('ARCHITECTURE.md names every folder of the tree, and no file that does not exist', () => {
  const text = read('ARCHITECTURE.md')
  const folders = ['src', 'src/main', 'src/main/engine', 'src/renderer', 'src/shared'].flatMap((folder) => below(folder, 'folders'))
  expect(folders.filter((path) => !text.includes(`${path.split('/').at(-1)}/`))).toEqual([])
  const named = [...text.matchAll(/`((?:src|build|docs|bench|e2e|resources)\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

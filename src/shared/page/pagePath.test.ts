import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pagePath } from './pagePath.ts'

test('files of the screen are found by their names', () => {
  expect(pagePath('/')).toEqual({ status: 200, names: ['index.html'], contentType: 'text/html; charset=utf-8' })
  expect(pagePath('/?x=1#y')).toMatchObject({ names: ['index.html'] })
  expect(pagePath('/assets/index-1a2b.js')).toMatchObject({
    names: ['assets', 'index-1a2b.js'],
    contentType: 'text/javascript; charset=utf-8'
  })
  expect(pagePath('/assets/a%20b.css')).toMatchObject({ names: ['assets', 'a b.css'] })
})

test.each([
  ['/..%2fpackage.json', 403],
  ['/%2e%2e/package.json', 403],
  ['/assets/../../package.json', 403],
  ['/..%5cpackage.json', 403],
  ['/a\\..\\b.js', 403],
  ['/a%00.js', 404],
  ['/a%5cb.js', 404],
  ['/C:/x.js', 404],
  ['//x.js', 404],
  ['/./x.js', 404],
  ['/x', 404],
  ['/.env', 404],
  ['/main.ts', 404],
  ['/__proto__', 404],
  ['/x.constructor', 404],
  ['/%', 400],
  ['/%ff%fe', 400],
  ['', 400],
  ['http://evil/x.js', 400]
])('%j is refused with %i', (path, status) => {
  expect(pagePath(path)).toEqual({ status })
})

test('no request leads out of the folder', () => {
  const piece = fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5c', '%00', '%25', '%c0%ae', 'a', '.js', ':', '%', '?')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const found = pagePath(`/${pieces.join('')}`)
      if (found.status !== 200) return
      for (const name of found.names) {
        expect(['', '.', '..']).not.toContain(name)
        for (const character of ['/', '\\', ':', '\0']) expect(name.includes(character)).toBe(false)
      }
    })
  )
})

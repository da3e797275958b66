import { describe, expect, test } from 'vitest'
import { assertSender, isAllowedRequest, isTrustedUrl } from './trust.ts'

const DEV = 'http://127.0.0.1:5173'

const foreign = [
  'https://example.com/',
  'file:///etc/passwd',
  'app://bundle.evil/index.html',
  'app://evil/',
  'app:/bundle/',
  'app://bundle:1/',
  'http://bundle/',
  'javascript:alert(1)',
  'data:text/html,hi',
  'about:blank',
  'blob:null/1',
  '',
  'no url'
]

test('only our own page is trusted, and the development server where there is one', () => {
  for (const url of ['app://bundle/', 'app://bundle/index.html?x#y']) expect(isTrustedUrl(url)).toBe(true)
  expect([...foreign, `${DEV}/`].filter((url) => isTrustedUrl(url))).toEqual([])
  expect(isTrustedUrl(`${DEV}/src/main.tsx`, DEV)).toBe(true)
  const near = ['http://127.0.0.1:5174/', 'https://127.0.0.1:5173/', 'http://localhost:5173/']
  expect([...foreign, ...near].filter((url) => isTrustedUrl(url, DEV))).toEqual([])
})

test('the page loads from itself and nowhere else', () => {
  for (const url of ['app://bundle/assets/a.js', 'blob:app://bundle/1', 'data:image/png;base64,AA=='])
    expect(isAllowedRequest(url)).toBe(true)
  const outside = [
    'https://example.com/',
    'http://127.0.0.1/',
    'ws://127.0.0.1:1/',
    'file:///etc/passwd',
    'devtools://devtools/x.js',
    'ftp://x/',
    'x'
  ]
  expect(outside.filter((url) => isAllowedRequest(url))).toEqual([])
  for (const url of [`${DEV}/a.ts`, 'ws://127.0.0.1:5173/', 'devtools://devtools/x.js']) expect(isAllowedRequest(url, DEV)).toBe(true)
  expect(isAllowedRequest('ws://127.0.0.1:5174/', DEV)).toBe(false)
})

describe('a message', () => {
  const mainFrame = { url: 'app://bundle/' }

  test('of the main frame of our page is taken', () => {
    expect(() => assertSender({ senderFrame: mainFrame, sender: { mainFrame } })).not.toThrow()
  })

  test('without a frame, of a frame inside, or of a foreign page is refused', () => {
    expect(() => assertSender({ senderFrame: null, sender: { mainFrame } })).toThrow('refused')
    expect(() => assertSender({ senderFrame: { url: 'app://bundle/' }, sender: { mainFrame } })).toThrow('refused')
  })

  test.each(foreign)('of %j is refused', (url) => {
    const frame = { url }
    expect(() => assertSender({ senderFrame: frame, sender: { mainFrame: frame } })).toThrow('refused')
  })
})

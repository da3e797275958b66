import { expect, test } from 'vitest'
import { fileNamesOnly } from './shownText.ts'

test.each([
  ['/srv/tapedeck/uploads/a1/evening.zip is no bundle.', 'evening.zip is no bundle.'],
  ['Expected a folder at /data/runs/run-1, found nothing.', 'Expected a folder at run-1, found nothing.'],
  ['C:\\Users\\me\\runs\\btc.zip: damaged', 'btc.zip: damaged'],
  ['"/data/runs/x/manifest.json" has no run_id', '"manifest.json" has no run_id'],
  ['The file /a/b/my.ts:12 threw', 'The file my.ts:12 threw'],
  ['It lies in /data/runs/.', 'It lies in runs']
])('%s', (text, shown) => {
  expect(fileNamesOnly(text).replace(/\.$/, '')).toBe(shown.replace(/\.$/, ''))
})

test.each(['http://127.0.0.1:8700/book?x=/a/b', 'and/or 5/3', '10 MB/s', 'runs/demo'])('%s stays as it is', (text) => {
  expect(fileNamesOnly(text)).toBe(text)
})

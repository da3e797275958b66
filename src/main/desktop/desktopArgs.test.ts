import { expect, test } from 'vitest'
import { desktopArgs } from './desktopArgs.ts'

const CWD = '/home/me'
const packaged = (...argv: string[]) => desktopArgs(['/opt/tapedeck', ...argv], CWD, false)
const fromSource = (...argv: string[]) => desktopArgs(['/dist/electron', ...argv], CWD, true)

test('nothing asked for', () => {
  expect(packaged()).toEqual({ demo: false })
  expect(fromSource('.')).toEqual({ demo: false })
})

test('switches come in both spellings, and relative paths are those of the caller', () => {
  expect(packaged('--open', 'runs/a', '--data-dir=/d')).toEqual({ open: '/home/me/runs/a', dataDir: '/d', demo: false })
  expect(packaged('--open=/x y/a.zip', '--data-dir', 'd', '--demo')).toEqual({ open: '/x y/a.zip', dataDir: '/home/me/d', demo: true })
})

test('a file opened by the system is a bare argument; the app itself is not one', () => {
  expect(packaged('/runs/a.tar.gz')).toEqual({ open: '/runs/a.tar.gz', demo: false })
  expect(fromSource('--no-sandbox', '--use-gl=angle', '/repo', '/runs/a')).toEqual({ open: '/runs/a', demo: false })
  expect(fromSource('--inspect=0', '--remote-debugging-port=0', '--user-data-dir=/u', '.', '--demo')).toEqual({ demo: true })
})

test('a switch without its value is passed over', () => {
  expect(packaged('--open')).toEqual({ demo: false })
  expect(packaged('--open', '--demo')).toEqual({ demo: false })
  expect(packaged('--open=')).toEqual({ demo: false })
})

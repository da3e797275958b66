import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Keychain, type Cipher } from './keychain.ts'

const KEY = '0123456789abcdef0123456789abcdef'

/** Not a cipher, but nothing of the text stands in what it gives. */
function cipherOf(backend = 'gnome_libsecret', isAvailable = true, word = 0x5a): Cipher {
  const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ word))
  return {
    isEncryptionAvailable: () => isAvailable,
    getSelectedStorageBackend: () => backend,
    encryptString: (text) => Buffer.concat([Buffer.from('v11'), turned(Buffer.from(text))]),
    decryptString: (bytes) => {
      if (bytes.toString('latin1', 0, 3) !== 'v11' || word !== 0x5a) throw new Error('not of this keychain')
      return turned(bytes.subarray(3)).toString()
    }
  }
}

const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'tapedeck-keys-')), 'user', 'secrets.json')

test('a key comes back from the file, in which it stands in no readable form, for this user alone', () => {
  const path = fresh()
  const keychain = new Keychain(cipherOf(), path, 'linux')
  expect([keychain.refusal(), keychain.get('pws')]).toEqual([undefined, undefined])
  keychain.set('pws', KEY)
  expect(new Keychain(cipherOf(), path, 'linux').get('pws')).toBe(KEY)
  const text = readFileSync(path, 'latin1')
  for (const form of [KEY, Buffer.from(KEY).toString('base64'), Buffer.from(KEY).toString('hex')]) expect(text).not.toContain(form)
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o077).toBe(0)
  keychain.clear('pws')
  expect([keychain.get('pws'), readdirSync(join(path, '..'))]).toEqual([undefined, []])
})

test.each([
  ['linux', 'basic_text', true],
  ['linux', 'unknown', true],
  ['linux', 'gnome_libsecret', false],
  ['darwin', '', false],
  ['win32', '', false]
] as const)(
  'without a keychain (%s, %s, available %s) nothing is written, and a sentence names the variable',
  (platform, backend, available) => {
    const path = fresh()
    const keychain = new Keychain(cipherOf(backend, available), path, platform)
    expect(keychain.refusal()).toContain('TAPEDECK_PWS_KEY')
    expect(() => keychain.set('pws', KEY)).toThrow('never kept in clear text')
    expect(() => readFileSync(path)).toThrow('ENOENT')
  }
)

test('on systems other than Linux no backend is asked for', () => {
  const { getSelectedStorageBackend: _linuxOnly, ...others } = cipherOf()
  expect(new Keychain(others, fresh(), 'darwin').refusal()).toBeUndefined()
  expect(new Keychain(others, fresh(), 'linux').refusal()).toBeDefined()
})

test('a file that is damaged or of another keychain is said, and a new key can be set over it', () => {
  const path = fresh()
  const keychain = new Keychain(cipherOf(), path, 'linux')
  keychain.set('pws', KEY)
  expect(() => new Keychain(cipherOf('gnome_libsecret', true, 1), path, 'linux').get('pws')).toThrow('cannot be read')
  for (const text of ['', '{', '[]', '{"secrets_version":2,"secrets":{}}', '{"secrets_version":1,"secrets":{"pws":"?"}}']) {
    writeFileSync(path, text)
    expect(() => keychain.get('pws')).toThrow('The file of kept keys cannot be read')
    keychain.set('pws', KEY)
    expect(keychain.get('pws')).toBe(KEY)
  }
  writeFileSync(path, '{')
  keychain.clear('pws')
  expect(keychain.get('pws')).toBeUndefined()
})

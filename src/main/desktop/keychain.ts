import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { SECRET_NAMES, type SecretName } from '../../shared/api/index.ts'
import { StudioError } from '../../shared/errors.ts'
import type { SecretStore } from '../engine/index.ts'

/** What is used of Electron's safeStorage. */
export interface Cipher {
  isEncryptionAvailable(): boolean
  /** Linux only. */
  getSelectedStorageBackend?(): string
  encryptString(text: string): Buffer
  decryptString(bytes: Buffer): string
}

const VERSION = 1
const fileSchema = z.object({ secrets_version: z.literal(VERSION), secrets: z.partialRecord(z.enum(SECRET_NAMES), z.base64()) })
type Kept = Partial<Record<SecretName, string>>

/** Keys of services in a file of the user's folder, encrypted with a key that the keychain of the operating system holds. Never clear text. */
export class Keychain implements SecretStore {
  readonly #cipher: Cipher
  readonly #path: string
  readonly #platform: NodeJS.Platform

  /** @param path of the file; its folder is made when it is needed */
  constructor(cipher: Cipher, path: string, platform: NodeJS.Platform = process.platform) {
    this.#cipher = cipher
    this.#path = path
    this.#platform = platform
  }

  refusal(): string | undefined {
    if (this.#isSafe()) return undefined
    const why = this.#platform === 'linux' ? 'No keychain (GNOME Keyring or KWallet) answers' : 'The keychain does not answer'
    return `${why}, and a key is never kept in clear text. Set the environment variable TAPEDECK_PWS_KEY before Tapedeck is started.`
  }

  get(name: SecretName): string | undefined {
    const kept = this.#read()[name]
    if (kept === undefined) return undefined
    try {
      return this.#cipher.decryptString(Buffer.from(kept, 'base64'))
    } catch (cause) {
      throw new StudioError('FILE_FAILED', 'The key that was kept cannot be read: the keychain is locked or another one. Set it again.', {
        cause
      })
    }
  }

  set(name: SecretName, value: string): void {
    const refusal = this.refusal()
    if (refusal !== undefined) throw new StudioError('USAGE', refusal)
    this.#write({ ...this.#readOrNone(), [name]: this.#cipher.encryptString(value).toString('base64') })
  }

  clear(name: SecretName): void {
    const { [name]: _gone, ...others } = this.#readOrNone()
    if (Object.keys(others).length === 0) rmSync(this.#path, { force: true })
    else this.#write(others)
  }

  /** On Linux without a keychain Electron encrypts with a word that everybody knows. */
  #isSafe(): boolean {
    if (!this.#cipher.isEncryptionAvailable()) return false
    const backend = this.#platform === 'linux' ? this.#cipher.getSelectedStorageBackend?.() : 'system'
    return backend !== undefined && backend !== 'basic_text' && backend !== 'unknown'
  }

  /** @throws StudioError FILE_FAILED for a file of another form */
  #read(): Kept {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw error
    }
    try {
      return fileSchema.parse(JSON.parse(text)).secrets
    } catch (cause) {
      throw new StudioError('FILE_FAILED', `The file of kept keys cannot be read. Set the key again, or remove it: ${this.#path}`, {
        cause
      })
    }
  }

  /** Setting a key anew and removing it must work whatever the file holds. */
  #readOrNone(): Kept {
    try {
      return this.#read()
    } catch (error) {
      if (error instanceof StudioError) return {}
      throw error
    }
  }

  #write(secrets: Kept): void {
    mkdirSync(dirname(this.#path), { recursive: true })
    const temporary = `${this.#path}.tmp-${process.pid}`
    try {
      const fd = openSync(temporary, 'w', 0o600)
      try {
        writeSync(fd, `${JSON.stringify({ secrets_version: VERSION, secrets })}\n`)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(temporary, this.#path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  }
}

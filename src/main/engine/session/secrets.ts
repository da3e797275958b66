import type { SecretFacts, SecretName, StudioCommand } from '../../../shared/api/index.ts'
import { StudioError, toFailure } from '../../../shared/errors.ts'
import { captureSecrets, type CaptureSecrets } from '../capture/index.ts'
import type { SecretStore } from '../engineTypes.ts'

const PWS_VARIABLE = 'TAPEDECK_PWS_KEY'
const NO_STORE = `The browser keeps no keys. Set the environment variable ${PWS_VARIABLE} before "tapedeck studio" is started.`
/** A practice venue takes any key, and is given none that is worth something. */
const OF_PRACTICE: CaptureSecrets = { pwsKey: 'key-of-the-practice-venue' }

type SecretCommand = Extract<StudioCommand, { cmd: `secret_${string}` }>

export interface SecretsOptions {
  /** The keychain of the operating system; left out where there is none. */
  readonly store: SecretStore | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The keys of services: from the environment, else from the keychain. Nothing here tells one to anybody but the capture. */
export class Secrets {
  readonly #store: SecretStore | undefined
  readonly #fromEnvironment: CaptureSecrets

  constructor({ store, environment }: SecretsOptions) {
    this.#store = store
    this.#fromEnvironment = captureSecrets(environment)
  }

  /** @throws StudioError as `set` and `clear` */
  obey(command: SecretCommand): readonly SecretFacts[] {
    if (command.cmd === 'secret_set') this.set(command.name, command.value)
    if (command.cmd === 'secret_clear') this.clear(command.name)
    return this.facts()
  }

  facts(): readonly SecretFacts[] {
    const refusal = this.#refusal()
    const why = refusal === undefined ? {} : { refusal }
    const base = { name: 'pws', variable: PWS_VARIABLE, ...why } as const
    if (this.#fromEnvironment.pwsKey !== undefined) return [{ ...base, origin: 'environment' }]
    try {
      return [{ ...base, origin: this.#store?.get('pws') === undefined ? 'none' : 'keychain' }]
    } catch (error) {
      return [{ ...base, origin: 'none', problem: toFailure(error).message }]
    }
  }

  /** @throws StudioError USAGE where no key can be kept, FILE_FAILED; never with the key in its message */
  set(name: SecretName, value: string): void {
    const refusal = this.#refusal()
    if (refusal !== undefined || this.#store === undefined) throw new StudioError('USAGE', refusal ?? NO_STORE)
    this.#store.set(name, value)
  }

  /** A key that is not there is forgotten already. @throws StudioError FILE_FAILED */
  clear(name: SecretName): void {
    this.#store?.clear(name)
  }

  /** What a capture is given. A key that cannot be read is as none: LIVE starts without the private stations. */
  forCapture(isPractice: boolean): CaptureSecrets {
    if (isPractice) return OF_PRACTICE
    if (this.#fromEnvironment.pwsKey !== undefined) return this.#fromEnvironment
    try {
      const pwsKey = this.#store?.get('pws')
      return pwsKey === undefined ? {} : { pwsKey }
    } catch {
      return {}
    }
  }

  #refusal(): string | undefined {
    return this.#store === undefined ? NO_STORE : this.#store.refusal()
  }
}

/** Keys of services, by what they are for. `pws`: the private weather stations of Weather Underground. */
export const SECRET_NAMES = ['pws'] as const
export type SecretName = (typeof SECRET_NAMES)[number]

/** A key may have so many characters; a shorter text would be found by chance in any answer. */
export const SECRET_MIN_CHARS = 8
export const SECRET_MAX_CHARS = 200

/** What a screen may know of a key: where it comes from, never the key. */
export interface SecretFacts {
  readonly name: SecretName
  /** What the next start of LIVE takes; the environment wins. */
  readonly origin: 'environment' | 'keychain' | 'none'
  /** The environment variable that is read. */
  readonly variable: string
  /** Why none can be kept here, one sentence; left out where it can. */
  readonly refusal?: string
  /** Why the one in the keychain cannot be used, one sentence. */
  readonly problem?: string
}

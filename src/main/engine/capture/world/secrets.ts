/** What a plant must know and nobody may read: kept out of settings, manifest, notes, logs and messages. */
export interface CaptureSecrets {
  /** Key of the service of private weather stations. */
  readonly pwsKey?: string
}

/** A shorter text is no secret: it would be found by chance in every answer. Real keys have 32 characters. */
const SHORTEST = 8

/** Secrets from environment variables; the program's own name of a variable wins. */
export function captureSecrets(environment: Readonly<Record<string, string | undefined>>): CaptureSecrets {
  const pwsKey = (environment['TAPEDECK_PWS_KEY'] ?? environment['PM_DATA_WORLD_PWS_KEY'] ?? '').trim()
  return pwsKey === '' ? {} : { pwsKey }
}

/** The text without the secret, as it is and as addresses carry it. */
export function withoutSecret(text: string, secret: string | undefined): string {
  return forms(secret).reduce((clean, form) => clean.replaceAll(form, '[key]'), text)
}

/** Whether bytes from outside repeat the secret. */
export function repeatsSecret(body: Buffer, secret: string | undefined): boolean {
  return forms(secret).some((form) => body.includes(form))
}

function forms(secret: string | undefined): string[] {
  if (secret === undefined || secret.length < SHORTEST) return []
  return [...new Set([secret, encodeURIComponent(secret), new URLSearchParams({ k: secret }).toString().slice(2)])]
}

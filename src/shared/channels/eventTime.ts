/** Latest and earliest instant that a calendar date can have, ms since the Unix epoch. */
const MAX_DATE_MS = 8.64e15

/** ISO-8601 with microseconds and the offset +00:00. @param tsNs nanoseconds since the Unix epoch; digits below a microsecond are cut off */
export function isoMicros(tsNs: bigint): string {
  const micros = floorDiv(tsNs, 1000n)
  const seconds = floorDiv(micros, 1_000_000n)
  const rest = String(micros - seconds * 1_000_000n).padStart(6, '0')
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${rest}+00:00`
}

/** The same for a venue's own time in milliseconds. @returns undefined when no calendar has that instant */
export function isoOfMs(ms: number): string | undefined {
  return Number.isSafeInteger(ms) && Math.abs(ms) <= MAX_DATE_MS ? isoMicros(BigInt(ms) * 1_000_000n) : undefined
}

/** Nanoseconds since the Unix epoch of an ISO-8601 text with an offset; six decimals count. @returns undefined when it is none */
export function parseIsoMicros(text: string): bigint | undefined {
  const parts = /^(.{1,30}?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const seconds = parts === null ? NaN : Date.parse(`${parts[1]}${parts[3]}`)
  if (Number.isNaN(seconds)) return undefined
  return BigInt(seconds) * 1_000_000n + BigInt((parts?.[2] ?? '').padEnd(9, '0'))
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}

/** Writes instants as `YYYY-MM-DD HH:MM:SS` of one time zone. Events come in runs of the same second, so the last one is kept. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat
  #second: bigint | undefined
  #text = ''

  /** @param timeZone an IANA name, for example America/New_York */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit'
    })
  }

  text(tsNs: bigint): string {
    const second = floorDiv(tsNs, 1_000_000_000n)
    if (second === this.#second) return this.#text
    const part: Partial<Record<string, string>> = {}
    for (const { type, value } of this.#format.formatToParts(Number(second) * 1000)) part[type] = value
    this.#second = second
    this.#text = `${part['year']?.padStart(4, '0')}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}:${part['second']}`
    return this.#text
  }
}

const US_PER_HOUR = 3_600_000_000

/** Turns receive times of one run into hours of UTC. */
export class RunHours {
  readonly #originUs: number
  readonly #restNs: number

  constructor(originTsNs: bigint) {
    this.#originUs = Number(originTsNs / 1000n)
    this.#restNs = Number(originTsNs % 1000n)
  }

  /** Hours since the Unix epoch. */
  hourOf(recvRelNs: number): number {
    return Math.floor((this.#originUs + Math.floor((recvRelNs + this.#restNs) / 1000)) / US_PER_HOUR)
  }
}

/** An hour of UTC as text: 2026-11-20T07. */
export function hourText(hour: number): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone: 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23'
  })
    .format(hour * 3_600_000)
    .replace(', ', 'T')
}

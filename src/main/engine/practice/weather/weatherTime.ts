/**
 * The weather's own clock. It starts with the host's and runs `speed` times as fast, so that a day of weather passes in a fraction of a day.
 * Stamps are told in the host's time all the same: who receives an observation compares its stamp with his own clock.
 */
export class WeatherTime {
  readonly #startMs: number
  readonly #speed: number

  /** @param startMs the host's time at which both clocks agree, Unix milliseconds */
  constructor(startMs: number, speed: number) {
    this.#startMs = startMs
    this.#speed = speed
  }

  weatherMs(hostMs: number): number {
    return this.#startMs + (hostMs - this.#startMs) * this.#speed
  }

  hostMs(weatherMs: number): number {
    return this.#startMs + (weatherMs - this.#startMs) / this.#speed
  }
}

/** For tests: the answers of weather services on a bad day, the same for the same chance. */
export class RoughWeather {
  readonly #t0Ms: number
  readonly #chance: () => number
  readonly #outsideModel: boolean
  #next = 500e6

  /** @param t0Ms Unix ms of the run's origin. @param chance draws from [0, 1). @param outsideModel a model beside the baseline speaks too */
  constructor(t0Ms: number, chance: () => number, outsideModel: boolean) {
    this.#t0Ms = t0Ms
    this.#chance = chance
    this.#outsideModel = outsideModel
  }

  /** What the plant writes until `at`, ns since the origin: answers with their notes, and notes of the user. */
  until(
    at: number,
    answer: (rest: { kind: string; key: string; url: string; venue: string }, body: string) => void,
    note: (note: object) => void
  ): void {
    for (; this.#next <= at; this.#next += 700e6) {
      if (this.#outsideModel) answer({ kind: 'model_line', key: '', url: '', venue: 'model' }, modelLine(this.#next))
      const draw = Math.floor(this.#chance() * 12)
      const key = this.#chance() < 0.8 ? 'KLGA' : 'LEMD'
      const rest = (kind: string): { kind: string; key: string; url: string; venue: string } => ({ kind, key, url: '', venue: 'weather' })
      if (draw < 5) answer(rest('metar'), this.#maybeTorn(this.#reports(key, at)))
      else if (draw < 8) answer(rest('pws'), this.#maybeTorn(this.#readings(at)))
      else if (draw < 10) answer(rest('forecast'), this.#maybeTorn(this.#forecast()))
      else if (draw === 10) note({ note: 'manual_window', reason: 'seen by the user' })
      else note({ note: 'rest', venue: 'weather', kind: 'metar', key, url: '', status: 503, body: false, error: 'busy' })
    }
  }

  #maybeTorn(body: object): string {
    const text = JSON.stringify(body)
    return this.#chance() < 0.1 ? text.slice(0, Math.floor(this.#chance() * text.length)) : text
  }

  #ms(at: number): number {
    return this.#t0Ms + at / 1e6
  }

  #reports(icaoId: string, at: number): object {
    return Array.from({ length: Math.floor(this.#chance() * 4) }, () => {
      const obsTime = Math.floor(this.#ms(at) / 60_000 - this.#chance() * 90) * 60
      const stamp = new Date(obsTime * 1000).toISOString()
      const temp = Math.floor(this.#chance() * 30) - 5
      const whole = `${temp < 0 ? 'M' : ''}${String(Math.abs(temp)).padStart(2, '0')}`
      const corrected = this.#chance() < 0.2 ? ' COR' : ''
      const rawOb = `METAR ${icaoId} ${stamp.slice(8, 10)}${stamp.slice(11, 13)}${stamp.slice(14, 16)}Z${corrected} 18005KT 10SM CLR ${whole}/M07 A3001`
      return { icaoId, obsTime, rawOb, metarType: 'METAR', lat: 40, lon: -70, name: icaoId }
    })
  }

  #readings(at: number): object {
    const epoch = Math.floor(this.#ms(at) / 1000 - this.#chance() * 600)
    const count = Math.floor(this.#chance() * 6)
    return {
      observations: Array.from({ length: count }, (_, i) => ({
        stationID: `P${i}`,
        epoch: epoch - i,
        metric: { temp: Math.round((10 + this.#chance() * 4) * 10) / 10 }
      }))
    }
  }

  #forecast(): object {
    const first = Math.floor(this.#t0Ms / 3600_000) * 3600 - 24 * 3600
    const lift = Math.floor(this.#chance() * 3)
    const time = Array.from({ length: 72 }, (_, i) => first + i * 3600)
    return {
      latitude: 40,
      longitude: -70,
      hourly_units: { temperature_2m: '°C' },
      hourly: { time, temperature_2m: time.map((_, i) => lift + (i % 24)) }
    }
  }
}

function modelLine(relNs: number): string {
  const mean = 50 + ((relNs / 700e6) % 20)
  return JSON.stringify({ ch: 'nowcast_1m', station_id: 'KLGA', data: { tmax_mean_f: mean, tmax_sigma_f: 1.5, confidence: 0.6 } })
}

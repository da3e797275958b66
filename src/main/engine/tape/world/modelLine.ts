/** What an outside model says of the highest temperature of a station's day. */
export interface ModelLine {
  readonly stationId: string
  readonly tmaxMeanF: number
  readonly tmaxSigmaF: number
  readonly confidence: number
  /** JSON of everything else that it said under `data`. */
  readonly text: string
}

const text = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads one line of an outside model: `{"ch":"nowcast_1m","station_id":"KLGA","data":{"tmax_mean_f":54.2,"tmax_sigma_f":1.8,"confidence":0.7,...}}`.
 * @returns undefined for anything else
 */
export function parseModelLine(body: Uint8Array): ModelLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(text.decode(body))
  } catch {
    return undefined
  }
  if (!isObject(value) || value['ch'] !== 'nowcast_1m') return undefined
  const { station_id: stationId, data } = value
  if (typeof stationId !== 'string' || !isObject(data)) return undefined
  const { tmax_mean_f: mean, tmax_sigma_f: sigma, confidence, ...rest } = data
  const isSound = isWithin(mean, -150, 250) && isWithin(sigma, 0, 200) && isWithin(confidence, 0, 1)
  if (!isSound) return undefined
  return { stationId, tmaxMeanF: mean, tmaxSigmaF: sigma, confidence, text: JSON.stringify(rest) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWithin(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && value >= low && value <= high
}

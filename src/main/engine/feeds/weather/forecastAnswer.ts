import type { Forecast } from './observation.ts'

export function parseForecastAnswer(_body: Uint8Array): Forecast | undefined {
  return undefined
}

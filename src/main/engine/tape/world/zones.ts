import { isTimeZone, LocalTime } from '../../../../shared/world/index.ts'

/** Where nothing is known of a station its days are those of New York: most temperature markets are about cities there. */
const DEFAULT_ZONE = 'America/New_York'
const zones = new Map<string, LocalTime>()

/** The first of these names that is a time zone, else New York's. */
export function zoneNamed(...names: readonly (string | undefined)[]): LocalTime {
  const name = names.find((one) => one !== undefined && isTimeZone(one)) ?? DEFAULT_ZONE
  const zone = zones.get(name) ?? new LocalTime(name)
  zones.set(name, zone)
  return zone
}

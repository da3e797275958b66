import { isTimeZone, LocalTime } from '../../../../shared/world/index.ts'

/** Where nothing is known of a station its days are those of New York: most temperature markets are about cities there. */
const DEFAULT_ZONE = 'America/New_York'
const zones = new Map<string, LocalTime>()

/** The first of these names that is a time zone, else New York's. */
export function zoneNamed(...names: readonly (string | undefined)[]): LocalTime {
  for (const name of names) {
    const known = name === undefined ? undefined : (zones.get(name) ?? made(name))
    if (known !== undefined) return known
  }
  return zones.get(DEFAULT_ZONE) ?? made(DEFAULT_ZONE)!
}

/** A zone is made once: that is dear. */
function made(name: string): LocalTime | undefined {
  if (!isTimeZone(name)) return undefined
  const zone = new LocalTime(name)
  zones.set(name, zone)
  return zone
}

/** Where an airport station is and which clock its settlement day follows. */
export interface WeatherStation {
  readonly id: string
  readonly name: string
  readonly lat: number
  readonly lon: number
  readonly elevM: number
  /** IANA name. */
  readonly timeZone: string
}

const row = (id: string, name: string, lat: number, lon: number, elevM: number, timeZone: string): WeatherStation => ({
  id,
  name,
  lat,
  lon,
  elevM,
  timeZone
})

const NEW_YORK = 'America/New_York'
const CHICAGO = 'America/Chicago'
const LOS_ANGELES = 'America/Los_Angeles'

/** Positions to about a kilometre, heights in metres: those of the airports. Other stations are named with their position. */
const STATIONS: readonly WeatherStation[] = [
  row('KLGA', 'New York/LaGuardia', 40.779, -73.88, 4, NEW_YORK),
  row('KJFK', 'New York/Kennedy', 40.639, -73.762, 3, NEW_YORK),
  row('KEWR', 'Newark/Liberty', 40.683, -74.169, 3, NEW_YORK),
  row('KTEB', 'Teterboro', 40.85, -74.061, 2, NEW_YORK),
  row('KNYC', 'New York/Central Park', 40.779, -73.969, 40, NEW_YORK),
  row('KBOS', 'Boston/Logan', 42.361, -71.01, 4, NEW_YORK),
  row('KPHL', 'Philadelphia', 39.873, -75.227, 3, NEW_YORK),
  row('KDCA', 'Washington/Reagan', 38.847, -77.034, 4, NEW_YORK),
  row('KATL', 'Atlanta/Hartsfield', 33.63, -84.442, 308, NEW_YORK),
  row('KMIA', 'Miami', 25.788, -80.317, 3, NEW_YORK),
  row('KORD', 'Chicago/O’Hare', 41.96, -87.932, 204, CHICAGO),
  row('KMDW', 'Chicago/Midway', 41.784, -87.755, 187, CHICAGO),
  row('KDFW', 'Dallas/Fort Worth', 32.897, -97.022, 171, CHICAGO),
  row('KDAL', 'Dallas/Love Field', 32.838, -96.836, 148, CHICAGO),
  row('KIAH', 'Houston/Bush', 29.98, -95.36, 29, CHICAGO),
  row('KHOU', 'Houston/Hobby', 29.638, -95.282, 14, CHICAGO),
  row('KAUS', 'Austin', 30.183, -97.68, 148, CHICAGO),
  row('KDEN', 'Denver', 39.847, -104.656, 1650, 'America/Denver'),
  row('KPHX', 'Phoenix', 33.428, -112.004, 337, 'America/Phoenix'),
  row('KLAX', 'Los Angeles', 33.938, -118.389, 38, LOS_ANGELES),
  row('KSFO', 'San Francisco', 37.62, -122.366, 3, LOS_ANGELES),
  row('KSEA', 'Seattle/Tacoma', 47.444, -122.314, 130, LOS_ANGELES),
  row('CYYZ', 'Toronto/Pearson', 43.677, -79.631, 173, 'America/Toronto'),
  row('EGLC', 'London/City', 51.505, 0.055, 6, 'Europe/London'),
  row('EGLL', 'London/Heathrow', 51.478, -0.461, 25, 'Europe/London'),
  row('LEMD', 'Madrid/Barajas', 40.472, -3.563, 609, 'Europe/Madrid'),
  row('LFPG', 'Paris/De Gaulle', 49.013, 2.55, 119, 'Europe/Paris'),
  row('RKSI', 'Seoul/Incheon', 37.469, 126.451, 7, 'Asia/Seoul'),
  row('RJTT', 'Tokyo/Haneda', 35.552, 139.78, 6, 'Asia/Tokyo')
]

const byId = new Map(STATIONS.map((station) => [station.id, station]))

/** @returns what is known of a station; undefined for one that is not in the table */
export function knownStation(id: string): WeatherStation | undefined {
  return byId.get(id)
}

import { z } from 'zod'
import { address, list, number, optional, whole } from './setting.ts'

const stationForm = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{3}(?::-?\d{1,2}(?:\.\d{1,6})?:-?\d{1,3}(?:\.\d{1,6})?)?$/)
  .transform((value) => value.toUpperCase()) as unknown as z.ZodType<string>
const stationZone = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{3}=[A-Za-z0-9_+-]{1,30}(?:\/[A-Za-z0-9_+-]{1,30}){0,2}$/)
  .transform((value) => value.slice(0, 4).toUpperCase() + value.slice(4)) as unknown as z.ZodType<string>
const privateStation = z.string().regex(/^[A-Za-z][A-Za-z0-9]{3}:[A-Za-z0-9_-]{1,40}$/)

/** Settings of the weather that is recorded beside a market. The key of the private stations is none of them: settings are written to disk. */
export const WORLD = {
  worldStations: list(
    stationForm,
    50,
    [],
    'a list of airport stations such as KLGA, or KXYZ:40.5:-73.25 with latitude and longitude',
    'Weather: stations whose reports and forecasts are recorded beside the market. Empty: no weather.'
  ),
  worldPwsStations: list(
    privateStation,
    500,
    [],
    'a list of KLGA:<id of a private station>',
    'Weather: private stations around an airport station. They are asked only with a key, from the environment variable `TAPEDECK_PWS_KEY` or `PM_DATA_WORLD_PWS_KEY`, or from the keychain in the desktop app; it is written nowhere in clear text.'
  ),
  worldStationTimeZones: list(
    stationZone,
    50,
    [],
    'a list of KXYZ=America/Denver',
    'Weather: the time zone in which the days of a station are settled, for stations that are given with their place. Without it the days are those of New York.'
  ),
  worldMetarBaseUrl: address('http', 'https://aviationweather.gov', 'Weather: where airport reports are.'),
  worldPwsBaseUrl: address('http', 'https://api.weather.com', 'Weather: where private stations are.'),
  worldForecastBaseUrl: address('http', 'https://api.open-meteo.com', 'Weather: where forecasts are.'),
  worldMetarIntervalSeconds: optional(
    number(
      0.05,
      86_400,
      60,
      'Weather: time between two questions for the reports of a station; at least 30 unless the service is on this machine. `none`: not asked.'
    ),
    60
  ),
  worldPwsIntervalSeconds: optional(
    number(0.05, 86_400, 60, 'Weather: the same for each private station; at least 30 unless the service is on this machine.'),
    60
  ),
  worldForecastIntervalSeconds: optional(
    number(0.05, 86_400, 3600, 'Weather: the same for the forecast of each station; at least 600 unless the service is on this machine.'),
    3600
  ),
  worldModelPort: optional(
    whole(
      0,
      65_535,
      0,
      'TCP port on this machine at which an outside model publishes nowcasts, one JSON object a line; 0 lets the system choose. `none`: closed.'
    ),
    null
  )
}

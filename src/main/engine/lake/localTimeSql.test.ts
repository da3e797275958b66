import { expect, test } from 'vitest'
import { ZoneClock } from '../../../shared/channels/eventTime.ts'
import { localTimeSql } from './localTimeSql.ts'
import { rowsOf } from './testDuckDb.ts'

const HOUR = 3_600_000
const DAYS = {
  'an ordinary day': '2026-11-20T05:00:00.999Z',
  'the spring day of New York': '2026-03-08T06:59:59.999Z',
  'the autumn day of New York': '2026-11-01T05:59:59.999Z',
  'the spring day of Madrid': '2026-03-29T00:59:59.999Z',
  'the autumn day of Madrid': '2026-10-25T00:59:59.999Z'
}

test.each(Object.entries(DAYS))('local times of %s are those of the envelope', async (_, day) => {
  const around = Date.parse(day)
  for (const zone of ['America/New_York', 'Europe/Madrid'])
    for (const hours of [0.2, 3, 20]) {
      const instants = [-hours, -hours / 2, 0, 0.0003, hours / 2, hours].map((offset) => around + Math.round(offset * HOUR))
      const sql = localTimeSql(zone, { fromMs: instants[0]!, toMs: instants.at(-1)! })
      const rows = await rowsOf(
        `SELECT ${sql} AS text FROM (SELECT make_timestamptz(unnest([${instants.map((ms) => ms * 1000).join(', ')}])) AS ts)`
      )
      const clock = new ZoneClock(zone)
      expect(rows.map(({ text }) => text)).toEqual(instants.map((ms) => clock.text(BigInt(ms) * 1_000_000n)))
    }
})

import { Command } from 'commander'
import { listDays } from '../engine/index.ts'
import { DATA_DIR_HELP } from './dataDir.ts'
import { storePlacesOf, type DayPlaceFlags } from './dayFlags.ts'
import { LAKE_HELP } from './lakeFlags.ts'

/** `tapedeck days`: the days of which something is recorded, one JSON line each, newest first. Exit 1 when something cannot be read or trusted. */
export function daysCommand(): Command {
  return new Command('days')
    .description('list the recorded days of a lake and of the journals of the data folder, as JSON lines')
    .option('--lake <folder>', LAKE_HELP)
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--run-dir <folder>', 'this bundle only, beside the lake')
    .action(async (flags: DayPlaceFlags) => {
      const { days, empty, faults } = await listDays(storePlacesOf(flags))
      for (const { date, stations, runs, counts, events, provedEvents, storedIn, verdict, firstTsNs, lastTsNs } of days)
        print({
          date,
          stations,
          run_ids: runs,
          stored_in: storedIn,
          events,
          proved_events: provedEvents,
          counts,
          verdict,
          first_recv_ns: firstTsNs,
          last_recv_ns: lastTsNs
        })
      for (const verdict of empty) print({ no_events_of: verdict })
      for (const fault of faults) print({ fault })
      const states = [...days.map(({ verdict }) => verdict.state), ...empty.map(({ state }) => state)]
      if (faults.length > 0 || states.includes('quarantined')) process.exitCode = 1
    })
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

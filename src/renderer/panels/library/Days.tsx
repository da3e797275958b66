import { useEffect } from 'react'
import type { DayEntry, DayMode } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { chooseDays, choiceOf, stationsOf, useDays } from '../../stores/daysStore.ts'
import { useJob } from '../../stores/jobStore.ts'
import { useLibrary } from '../../stores/libraryStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { countText } from '../../ui/humanText.ts'
import { shownText } from '../../ui/shownText.ts'
import { verdictText } from '../../ui/verdictText.ts'
import { VirtualList } from '../../ui/VirtualList.tsx'
import { loadDays, openDay } from './dayActions.ts'

const ROW = 40
const MOST_ROWS = 3

/** Days that can be replayed from recorded events, newest first. Shows nothing while there are none. */
export function Days() {
  const { client } = useStudio()
  const days = useDays((s) => s.listed.days)
  const faults = useDays((s) => s.listed.faults)
  const bundles = useLibrary((s) => s.bundles)
  const compacting = useJob((s) => s.running?.job === 'compact')
  // Again whenever the library changed or a compaction began or ended.
  useEffect(() => void loadDays(client), [client, bundles, compacting])
  if (days.length === 0 && faults.length === 0) return null
  return (
    <section className="days" aria-label="Recorded days" data-testid="days">
      <DaysHead days={days} />
      {faults.length > 0 && (
        <p className="hint" data-testid="days-faults" title={faults.join('\n')}>
          {faults.length} {faults.length === 1 ? 'thing' : 'things'} cannot be read: {faults[0]}
        </p>
      )}
      <div className="days-list" style={{ height: Math.min(MOST_ROWS, days.length) * ROW }}>
        <VirtualList
          items={days}
          rowHeight={ROW}
          label="Recorded days"
          testId="day-list"
          keyOf={(day) => day.date}
          row={(day) => <Day day={day} />}
        />
      </div>
      <OpenDayFacts />
    </section>
  )
}

function DaysHead({ days }: { readonly days: readonly DayEntry[] }) {
  const station = useDays((s) => s.station)
  const mode = useDays((s) => s.mode)
  return (
    <div className="days-head">
      <h3>Days</h3>
      <span className="count">{days.length}</span>
      <select
        aria-label="Station or venue of the day"
        data-testid="day-station"
        value={station}
        onChange={(e) => chooseDays({ station: e.target.value })}
      >
        <option value="">all stations</option>
        {stationsOf(days).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        aria-label="How much of the day"
        data-testid="day-mode"
        title="raw: as recorded; light: best prices only, no changes of books"
        value={mode}
        onChange={(e) => chooseDays({ mode: e.target.value as DayMode })}
      >
        <option>raw</option>
        <option>light</option>
      </select>
    </div>
  )
}

function Day({ day }: { readonly day: DayEntry }) {
  const { client } = useStudio()
  const open = useSession((s) => s.session?.day?.date === day.date)
  const { storedIn, events, provedEvents, counts, verdict } = day
  const proved = provedEvents === events
  const channels = Object.entries(counts).map(([ch, n]) => `${ch} ${countText(n)}`)
  return (
    <div className={open ? 'bundle open' : 'bundle'}>
      <button
        type="button"
        className="bundle-open"
        data-testid="day-item"
        data-date={day.date}
        aria-current={open}
        title={`${day.stations.join(', ')}\n${channels.join('\n')}`}
        onClick={() => void openDay(client, choiceOf(day, useDays.getState()))}
      >
        <span className="bundle-name">
          {day.date}{' '}
          <span className={`badge ${proved ? 'ended' : 'recovered'}`}>
            {proved ? 'proved' : storedIn === 'both' ? 'part proved' : 'journal'}
          </span>{' '}
          {verdict.state !== 'ended' && verdict.state !== 'unknown' && (
            <span className={`badge ${verdict.state}`} data-testid="day-verdict" title={shownText(verdict.sentence)}>
              {verdictText(verdict.state)}
            </span>
          )}
        </span>
        <span className="bundle-facts">
          {countText(events)} events · {day.runs.length} {day.runs.length === 1 ? 'run' : 'runs'} · {day.stations.join(', ')}
        </span>
      </button>
    </div>
  )
}

/** What the day that is open is made of, and what is not there. */
function OpenDayFacts() {
  const day = useSession((s) => s.session?.day)
  const name = useSession((s) => s.session?.name)
  if (day === undefined) return null
  return (
    <p className="hint day-facts" data-testid="day-facts" title={`${name}. Calendar of ${day.timeZone}. ${day.missing.join(' ')}`}>
      {day.missing.join(' ')}
    </p>
  )
}

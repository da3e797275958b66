import { isLossy, type DayChoice } from '../../../shared/api/index.ts'
import type { StudioClient } from '../../client/studioClient.ts'
import { showDays } from '../../stores/daysStore.ts'
import { dismissErrors, notify } from '../../stores/noticeStore.ts'
import { setScreen } from '../../stores/screenStore.ts'
import { bytesText, countText } from '../../ui/humanText.ts'

/** Reads anew which days are recorded and which journals are proved. */
export async function loadDays(client: StudioClient): Promise<void> {
  const reply = await client.call<'days_list'>({ cmd: 'days_list' })
  if (reply.ok) showDays(reply.value)
}

/** Opens a recorded day in REPLAY. */
export async function openDay(client: StudioClient, day: DayChoice): Promise<void> {
  if (client.now?.mode === 'live') return void notify('warning', 'LIVE is recording. Stop it before you open a day.')
  setScreen({ failure: undefined, following: true })
  const reply = await client.call<'day_open'>({ cmd: 'day_open', day })
  if (reply.ok) dismissErrors()
  else notify('error', `The day could not be opened. ${reply.failure.message}`)
}

/** Brings a bundle's journal into the lake, and says what was proved. */
export async function compactBundle(client: StudioClient, path: string, name: string): Promise<void> {
  const reply = await client.call<'bundle_compact'>({ cmd: 'bundle_compact', path })
  if (!reply.ok)
    return void notify(reply.failure.code === 'ABORTED' ? 'info' : 'error', `${name} was not compacted. ${reply.failure.message}`)
  const { rows, parquetBytes, journalBytes, alreadyProved, repaired, faults, verdict } = reply.value
  const made = `${countText(rows)} events of ${name} are proved in Parquet: ${bytesText(parquetBytes)} of ${bytesText(journalBytes)} of journal.`
  const nothing = `The journal of ${name} was proved before: ${countText(alreadyProved)} segments. Nothing was left to do.`
  notify('info', rows === 0 && alreadyProved > 0 ? nothing : made)
  if (isLossy(verdict)) notify('warning', `${name}: ${verdict.sentence}`)
  for (const sentence of [...repaired, ...faults].slice(0, 3)) notify('warning', sentence)
}

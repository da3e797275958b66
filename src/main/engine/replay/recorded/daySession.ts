import { toFailure } from '../../../../shared/errors.ts'
import { ReplaySession, type ReplayHost } from '../replaySession.ts'
import { openDay } from './daySource.ts'
import type { DayRequest } from './openDay.ts'

/** Faults, and damages that cost nothing, that are told one by one; the verdict counts the other faults. */
const MAX_TOLD = 3

/** A replay session over the recorded events of a day. @throws StudioError as `openDay` does */
export async function openDaySession(request: DayRequest, host: ReplayHost): Promise<ReplaySession> {
  const told = { faults: 0, notes: 0 }
  const source = await openDay(request, {
    nowMs: () => host.nowNs() / 1e6,
    onFault: (text) => {
      if (++told.faults <= MAX_TOLD) host.post({ kind: 'notice', level: 'warning', text })
    },
    onNote: (text) => {
      if (++told.notes <= MAX_TOLD) host.post({ kind: 'notice', level: 'warning', text })
    },
    onFailed: (error) => host.post({ kind: 'notice', level: 'error', text: toFailure(error).message })
  })
  return new ReplaySession(source, host)
}

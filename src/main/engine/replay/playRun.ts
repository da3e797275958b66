import { hostClock, type Clock } from '../clock.ts'
import { openBundle } from '../bundle/index.ts'
import { ReplaySession } from './replaySession.ts'
import { sourceOfBundle } from './replaySource.ts'
import { replayReport, stoppedAfter, type ReplayReport, type ReplayReportOptions } from './replayReport.ts'

export interface PlayRunOptions extends ReplayReportOptions {
  /** 0.01 to 1000. */
  readonly speed: number
  /** Replaced by a test that lets time pass faster. */
  readonly clock?: Pick<Clock, 'monoNs'>
  readonly sleep?: (ms: number) => Promise<void>
}

/**
 * Plays a bundle from beginning to end on the replay clock, as the screen does, and reports like `replayReport`.
 * The fingerprint is that of the played tape, not of a second pass.
 */
export async function playRun(runDir: string, options: PlayRunOptions): Promise<ReplayReport> {
  const clock = options.clock ?? hostClock
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)))
  const session = new ReplaySession(sourceOfBundle(await openBundle(runDir)), {
    nowNs: () => Number(clock.monoNs()),
    // Nobody looks: what would go to the screen is granted back at once.
    post: (event) => {
      if (event.kind === 'frame') session.command({ kind: 'credit', bytes: event.frame.length })
    }
  })
  try {
    while (session.state.phase === 'loading') await sleep(session.tick())
    session.command({ kind: 'speed', requestId: 1, speed: options.speed })
    session.command({ kind: 'play', requestId: 2 })
    for (;;) {
      const { phase, counts, playheadRelNs, startRelNs, endRelNs } = session.state
      if (phase === 'finished') break
      if (options.signal?.aborted === true) throw stoppedAfter(counts['frame_raw'] ?? 0)
      options.onProgress?.((playheadRelNs - startRelNs) / Math.max(1, endRelNs - startRelNs))
      await sleep(session.tick())
    }
    const played = session.state
    const report = await replayReport(runDir)
    const fingerprint = played.fingerprint ?? ''
    const ok = report.ok && fingerprint === report.fingerprint
    return { ...report, ok, counts: played.counts, fingerprint }
  } finally {
    session.dispose()
  }
}

/** Replay of run bundles: merged frames, the replay clock, seeks through keyframes. */
export { ReplaySession, type ReplayHost, type ReplayOptions } from './replaySession.ts'
export { sourceOfBundle, type HealthSource, type ReplaySource } from './replaySource.ts'
export { playableOf, type Playable } from './playable.ts'
export {
  dayReport,
  listDays,
  openDay,
  openDaySession,
  type DayCalendar,
  type DayReport,
  type DayRequest,
  type RecordedDay,
  type RecordedEvent,
  type StorePlaces
} from './recorded/index.ts'
export { Marks, type Mark } from './marks.ts'
export { seekTo, type SeekIndex } from './seekIndex.ts'
export { JumpIndex } from './jumpIndex.ts'
export { writeJumps } from './jumpFile.ts'
export { LatestEvents } from './latestEvents.ts'
export { openFrames, runOfBundle, TapeRun, type RunFacts, type TapeRunOptions } from './runTape.ts'
export { AheadFrames } from './ahead/aheadFrames.ts'
export { IndexPass, KEYFRAME_EVENTS } from './indexPass.ts'
export { HistoryPass, HISTORY_NS } from './historyPass.ts'
export { RunTimeline } from './runTimeline.ts'
export { MergedFrames, type FrameQueue, type MissingBytes, type OpenShard, type Positions, type ShardPosition } from './mergedFrames.ts'
export { ReplayClock } from './replayClock.ts'
export { healthRecord } from './healthReader.ts'
export { ScreenFeed } from './screenFeed.ts'
export { ScreenOutlet } from './screenOutlet.ts'
export { inputsAt, newestPlaces } from './playheadInputs.ts'
export { RecordScan } from './recordScan.ts'
export { modelAt, type Place } from './place.ts'
export { rawRecords, withBundle, type RawRecordsOptions } from './rawRecords.ts'
export { verifyDay, verifyRecorded, type RunCheck, type RunsChecked } from './verify/index.ts'
export type { Outlet, Played } from './outlet.ts'
export { replayReport, type ReplayReport, type ReplayReportOptions } from './replayReport.ts'
export { eventLines, type EventLinesOptions } from './eventLines.ts'
export { playRun, type PlayRunOptions } from './playRun.ts'

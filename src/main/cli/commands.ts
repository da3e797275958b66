import type { Command } from 'commander'

/** A command of the program. Its module is loaded only when it is asked for, so that start-up is quick and one cannot break another. */
export interface CommandEntry {
  readonly name: string
  /** As the list of commands shows it. */
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** Grouped as in the docs: record, replay, show, practise. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'discover',
    summary: 'list the markets that a capture would record',
    load: async () => (await import('./discover.ts')).discoverCommand()
  },
  {
    name: 'capture',
    summary: 'record a venue into a run bundle',
    load: async () => (await import('./capture.ts')).captureCommand()
  },
  {
    name: 'capture-verify',
    summary: 'check every byte of a run bundle',
    load: async () => (await import('./captureVerify.ts')).captureVerifyCommand()
  },
  {
    name: 'capture-bench',
    summary: 'measure how fast the frame log takes messages',
    load: async () => (await import('./captureBench.ts')).captureBenchCommand()
  },
  {
    name: 'capture-inspect',
    summary: 'sum up what a run bundle holds',
    load: async () => (await import('./captureInspect.ts')).captureInspectCommand()
  },
  {
    name: 'capture-audit',
    summary: 'judge a run bundle by its gates',
    load: async () => (await import('./captureAudit.ts')).captureAuditCommand()
  },
  {
    name: 'capture-latency-report',
    summary: 'sum up times, queues and losses of a run',
    load: async () => (await import('./captureLatencyReport.ts')).captureLatencyReportCommand()
  },
  {
    name: 'capture-slice',
    summary: 'cut a window out of a run bundle',
    load: async () => (await import('./captureSlice.ts')).captureSliceCommand()
  },
  {
    name: 'verify',
    summary: 'say how runs ended, and compare what was recorded with the raw bytes',
    load: async () => (await import('./verify.ts')).verifyCommand()
  },
  {
    name: 'journal-verify',
    summary: 'check the journal of a run and say what was lost',
    load: async () => (await import('./journalVerify.ts')).journalVerifyCommand()
  },
  {
    name: 'journal-rebuild',
    summary: 'make the journal of a run anew from its raw bytes',
    load: async () => (await import('./journalRebuild.ts')).journalRebuildCommand()
  },
  {
    name: 'journal-serve',
    summary: 'serve the journal of a run over HTTP',
    load: async () => (await import('./journalServe.ts')).journalServeCommand()
  },
  {
    name: 'compact',
    summary: 'turn journals into Parquet, and prove it',
    load: async () => (await import('./compact.ts')).compactCommand()
  },
  {
    name: 'lake-verify',
    summary: 'compare the Parquet of the lake with its proofs',
    load: async () => (await import('./lakeVerify.ts')).lakeVerifyCommand()
  },
  {
    name: 'retention',
    summary: 'delete proved journals and old Parquet',
    load: async () => (await import('./retention.ts')).retentionCommand()
  },
  {
    name: 'days',
    summary: 'list the days of which something is recorded',
    load: async () => (await import('./days.ts')).daysCommand()
  },
  {
    name: 'replay',
    summary: 'play a run bundle and print its counts and fingerprint',
    load: async () => (await import('./replay.ts')).replayCommand()
  },
  {
    name: 'events',
    summary: 'print the events of a run bundle as NDJSON or CSV',
    load: async () => (await import('./events.ts')).eventsCommand()
  },
  {
    name: 'run',
    summary: 'run strategies over a bundle or live data, in simulation',
    load: async () => (await import('./run.ts')).runCommand()
  },
  {
    name: 'import',
    summary: 'turn a raw recording of another tool into a run bundle',
    load: async () => (await import('./import.ts')).importCommand()
  },
  {
    name: 'studio',
    summary: 'serve the studio to a web browser on this machine',
    load: async () => (await import('./studio.ts')).studioCommand()
  },
  {
    name: 'serve',
    summary: 'serve events of a bundle, a recorded day or a recording to programs',
    load: async () => (await import('./serve.ts')).serveCommand()
  },
  {
    name: 'practice',
    summary: 'run a loopback venue that speaks the real protocols',
    load: async () => (await import('./practice.ts')).practiceCommand()
  },
  {
    name: 'practice-day',
    summary: 'record an invented day of markets and weather in minutes',
    load: async () => (await import('./practiceDay.ts')).practiceDayCommand()
  },
  {
    name: 'demo-build',
    summary: 'make the synthetic demo bundle',
    load: async () => (await import('./demoBuild.ts')).demoBuildCommand()
  }
]

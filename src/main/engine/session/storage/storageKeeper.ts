import { join } from 'node:path'
import {
  isLossy,
  type BundleEntry,
  type CompactMade,
  type RetentionMade,
  type StorageSettings,
  type StudioCommand
} from '../../../../shared/api/index.ts'
import { toFailure } from '../../../../shared/errors.ts'
import { LocalTime } from '../../../../shared/world/index.ts'
import { hostClock, type Clock } from '../../clock.ts'
import { listDays } from '../../replay/index.ts'
import type { JobRequest, JobResult } from '../../threads/jobMessages.ts'
import { storePlaces } from '../days.ts'
import { readStorageFile, writeStorageFile } from './storageFile.ts'

const LOOK_EVERY_MS = 60_000
const HOUR_MS = 3_600_000
/** Journals and the lake are kept by the calendar of New York. */
const calendar = new LocalTime('America/New_York')

export interface StorageKeeperOptions {
  readonly dataDir: string
  readonly runJob: (request: JobRequest) => Promise<JobResult>
  /** Everything in the library. */
  readonly bundles: () => Promise<readonly BundleEntry[]>
  readonly onNotice: (level: 'info' | 'warning', text: string) => void
  readonly clock?: Clock
}

/** Makes Parquet of journals and deletes what may go, when asked and, if the user chose so, by itself. */
export class StorageKeeper {
  readonly #options: StorageKeeperOptions
  readonly #clock: Clock
  readonly #file: string
  readonly #lakeDir: string
  readonly #timer: NodeJS.Timeout
  #settings: StorageSettings
  /** When the journals were last compacted by itself, ms since the Unix epoch. */
  #doneMs: number
  /** Journals that wait for their turn. */
  #isDue = false
  #working: Promise<void> | undefined
  #isDisposed = false

  constructor(options: StorageKeeperOptions) {
    this.#options = options
    this.#clock = options.clock ?? hostClock
    this.#file = join(options.dataDir, 'storage.json')
    this.#lakeDir = join(options.dataDir, 'lake')
    const { settings, fault } = readStorageFile(this.#file)
    this.#settings = settings
    if (fault !== undefined) options.onNotice('warning', fault)
    this.#doneMs = this.#nowMs()
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** @throws StudioError BUSY, ABORTED; the operating system's error when a choice could not be kept, and nothing has changed then */
  async obey(
    command: Extract<StudioCommand, { cmd: 'storage_get' | 'storage_set' | 'storage_retention' }>
  ): Promise<StorageSettings | RetentionMade> {
    if (command.cmd === 'storage_retention') return this.#retain(command.apply)
    return command.cmd === 'storage_set' ? this.#change(command.settings) : this.#settings
  }

  #change(settings: StorageSettings): StorageSettings {
    writeStorageFile(this.#file, settings)
    this.#settings = settings
    return settings
  }

  async #retain(apply: boolean): Promise<RetentionMade> {
    const bundleDirs = (await this.#options.bundles()).map(({ path }) => path)
    const request = { kind: 'retention', bundleDirs, lakeDir: this.#lakeDir, settings: this.#settings, apply } as const
    return (await this.#options.runJob(request)) as RetentionMade
  }

  /** A recording has ended and its bundle is in the library. */
  recordingEnded(): void {
    if (this.#settings.compactWhen === 'by_hand') return
    this.#isDue = true
    this.look()
  }

  /** Does what is due. Called once a minute. */
  look(): void {
    if (this.#isDisposed || this.#working !== undefined) return
    if (this.#settings.compactWhen === 'hourly' && this.#isHourOver()) this.#isDue = true
    if (!this.#isDue) return
    this.#isDue = false
    this.#working = this.#compactAll().finally(() => (this.#working = undefined))
  }

  /** Settles when nothing is under way. */
  async idle(): Promise<void> {
    await this.#working
  }

  /** Ends after what is under way. */
  async dispose(): Promise<void> {
    this.#isDisposed = true
    clearInterval(this.#timer)
    await this.idle()
  }

  #isHourOver(): boolean {
    const nowMs = this.#nowMs()
    return nowMs - this.#doneMs >= HOUR_MS || calendar.at(nowMs).date !== calendar.at(this.#doneMs).date
  }

  async #compactAll(): Promise<void> {
    const startMs = this.#nowMs()
    try {
      const { journals } = await listDays(storePlaces(await this.#options.bundles(), this.#options.dataDir))
      for (const { path, state } of journals) {
        if (this.#isDisposed) return
        if (state !== 'proved') await this.#compact(path)
      }
      if (this.#settings.deletesByItself && !this.#isDisposed) this.#tellRetention(await this.#retain(true))
      this.#doneMs = startMs
    } catch (error) {
      const { code, message } = toFailure(error)
      // The user's own job goes first; an hour's wait begins with a cancel too.
      if (code === 'BUSY') this.#isDue = true
      else if (code === 'ABORTED') this.#doneMs = startMs
      else {
        this.#doneMs = startMs
        this.#options.onNotice('warning', `Journals could not be compacted by themselves. ${message}`)
      }
    }
  }

  async #compact(bundleDir: string): Promise<void> {
    const { rows, partitions, runId, verdict, repaired, faults } = (await this.#options.runJob({
      kind: 'compact',
      bundleDir,
      lakeDir: this.#lakeDir
    })) as CompactMade
    if (partitions > 0) this.#options.onNotice('info', `${rows} events of the run ${runId} are proved in Parquet.`)
    if (partitions > 0 && isLossy(verdict)) this.#options.onNotice('warning', `The run ${runId}: ${verdict.sentence}`)
    for (const sentence of [...repaired, ...faults].slice(0, 3)) this.#options.onNotice('warning', sentence)
  }

  #tellRetention({ deletedBytes, groups, faults }: RetentionMade): void {
    const files = groups.reduce((sum, { action, files: n }) => sum + (action === 'delete' ? n : 0), 0)
    if (files > 0) this.#options.onNotice('info', `${files} old files were deleted, ${Math.round(deletedBytes / 1e6)} MB.`)
    for (const fault of faults.slice(0, 3)) this.#options.onNotice('warning', fault)
  }

  #nowMs(): number {
    return Number(this.#clock.wallNs() / 1_000_000n)
  }
}

import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { JsonRecord } from '../../../shared/gates/index.ts'
import { bundlePaths, stringifyBigJson, exactInteger, scanNdjson } from '../bundle/index.ts'
import { shardMetricsPaths } from './shardMetrics.ts'

const BUFFERED_CHARS = 256 * 1024
/** These are said anew: a slice begins and ends by itself. */
const ENDS = new Set(['run_start', 'capture_stop'])

export interface SliceLogsOptions {
  readonly sourceDir: string
  readonly sliceDir: string
  readonly sliceId: string
  /** Monotonic times of the slice, inclusive; undefined: no limit. */
  readonly fromMonoNs: bigint | undefined
  readonly toMonoNs: bigint | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Copies the lines of run log and metrics that belong to the slice's time, as they are. A line without a time belongs to the one before it.
 * @throws the operating system's error; the signal's reason
 */
export async function copyLogs(options: SliceLogsOptions): Promise<void> {
  const from = bundlePaths(options.sourceDir)
  const to = bundlePaths(options.sliceDir)
  const stop = { record_type: 'capture_stop', run_id: options.sliceId, reason: 'slice' }
  await copyLines(from.runlog, to.runlog, options, `${stringifyBigJson(stop)}\n`)
  mkdirSync(to.metricsDir)
  for (const path of [from.globalMetrics, ...shardMetricsPaths(options.sourceDir)])
    await copyLines(path, join(to.metricsDir, basename(path)), options, '')
}

async function copyLines(source: string, target: string, options: SliceLogsOptions, ending: string): Promise<void> {
  const fd = openSync(target, 'wx')
  let text = ''
  let isInside = false
  const flush = (): void => {
    writeSync(fd, text)
    text = ''
  }
  const take = (record: JsonRecord, line: string): void => {
    const monoNs = exactInteger(record, line, 'hb_mono_ns') ?? exactInteger(record, line, 'ts_mono_ns')
    if (monoNs !== undefined) isInside = monoNs >= (options.fromMonoNs ?? monoNs) && monoNs <= (options.toMonoNs ?? monoNs)
    if (!isInside || ENDS.has(String(record['record_type']))) return
    text += `${line}\n`
    if (text.length > BUFFERED_CHARS) flush()
  }
  try {
    await scanNdjson(source, take, { signal: options.signal })
    text += ending
    flush()
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

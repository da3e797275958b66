import { Option } from 'commander'
import { MAX_SPEED, MIN_SPEED, RUN_SETTINGS, runSettingOf, type RunSettingKey, type RunSettings } from '../../shared/api/index.ts'
import { StudioError } from '../../shared/errors.ts'
import type { LiveChoice, ReplayChoice, RunOptions, StrategyChoice } from '../engine/runtime/index.ts'
import { captureConfigOf, type CaptureFlags } from './capture.ts'

export interface RunFlags extends Readonly<Partial<Record<RunSettingKey, string>>> {
  readonly mode?: string
  readonly execution: string
  readonly runDir?: string
  readonly strategy: readonly string[]
  readonly param: readonly string[]
  readonly events: string
  readonly printHash?: true
  readonly printPnl?: true
  readonly printSummaryJson?: true
  readonly printLatencyReportJson?: true
  readonly stableJson?: true
  readonly speed: string
}

/** An option that may be given several times. */
export function repeatable(flags: string, help: string): Option {
  return new Option(flags, help).argParser((text, before: readonly string[]) => [...before, text]).default([], 'none')
}

/**
 * What the flags of `tapedeck run` ask for.
 * @throws StudioError USAGE for a wrong combination, CONFIG_INVALID for a wrong value
 */
export function runOptionsOf(flags: RunFlags & CaptureFlags, signal: AbortSignal): RunOptions {
  const problem = wrongCombination(flags)
  if (problem !== undefined) throw new StudioError('USAGE', problem)
  const { maxSeconds, ...settings } = settingsOf(flags)
  return {
    source: flags.mode === 'live' ? liveOf(flags) : replayOf(flags, maxSeconds),
    strategies: strategyChoicesOf(flags),
    events: flags.events === 'change' ? 'change' : 'book',
    ...settings,
    details: false,
    signal
  }
}

/** @returns what is wrong, in one sentence */
function wrongCombination(flags: RunFlags & CaptureFlags): string | undefined {
  const { mode } = flags
  if (mode !== 'replay' && mode !== 'live') return `--mode is replay or live, but it is ${mode === undefined ? 'missing' : `"${mode}"`}.`
  if (flags.execution !== 'sim') return `--execution is sim, the only one there is, but it is "${flags.execution}".`
  if (flags.events !== 'book' && flags.events !== 'change') return `--events is book or change, but it is "${flags.events}".`
  if (mode === 'live') {
    const replayOnly = [
      ['--run-dir', flags.runDir],
      ['--max-seconds', flags.maxSeconds],
      ['--stable-json', flags.stableJson],
      ['--speed', flags.speed === 'max' ? undefined : flags.speed]
    ].find(([, value]) => value !== undefined)
    return replayOnly === undefined ? undefined : `${replayOnly[0]} belongs to --mode replay.`
  }
  if (flags.maxCallbackUs !== undefined && flags.stableJson === true)
    return '--max-callback-us counts slow callbacks, which differ from run to run; a line with --stable-json leaves them out. Give one of the two.'
  if (flags.runDir === undefined) return '--mode replay needs --run-dir.'
  if (flags['durationSeconds'] !== undefined) return '--duration-seconds belongs to --mode live; for a replay there is --max-seconds.'
  if (flags.printLatencyReportJson === true) return '--print-latency-report-json belongs to --mode live.'
  return flags.printHash === true ? undefined : '--mode replay needs --print-hash.'
}

function replayOf(flags: RunFlags, maxSeconds: number | undefined): ReplayChoice {
  const speed = flags.speed === 'max' ? 0 : decimal('--speed', flags.speed, MIN_SPEED, MAX_SPEED)
  return { mode: 'replay', runDir: flags.runDir ?? '', speed, maxSeconds }
}

function liveOf(flags: RunFlags & CaptureFlags): LiveChoice {
  const config = captureConfigOf(flags)
  return { mode: 'live', config, durationSeconds: config.durationSeconds ?? undefined }
}

/** `strategy.name=value` is for that strategy (a file's name without its ending), `name=value` for all. @throws StudioError USAGE */
export function strategyChoicesOf({ strategy, param }: Pick<RunFlags, 'strategy' | 'param'>): StrategyChoice[] {
  const given = param.map((text) => {
    const match = /^(?:(.+)\.)?([^.=]+)=(.*)$/s.exec(text)
    if (match === null) throw new StudioError('USAGE', `--param is strategy.name=value or name=value, but it is "${text}".`)
    return { owner: match[1], name: match[2] ?? '', value: valueOf(match[3] ?? '') }
  })
  const known = strategy.map(shortName)
  const stranger = given.find(({ owner }) => owner !== undefined && !known.includes(owner))
  if (stranger !== undefined)
    throw new StudioError('USAGE', `--param names strategy "${stranger.owner}", but this run has ${known.join(', ') || 'no strategy'}.`)
  return strategy.map((name) => {
    const own = given.filter(({ owner }) => owner === undefined || owner === shortName(name))
    return { name, params: Object.fromEntries(own.map((item) => [item.name, item.value])) }
  })
}

function shortName(name: string): string {
  return name.replace(/^.*[/\\]/, '').replace(/\.[cm]?[jt]s$/, '')
}

function valueOf(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

function settingsOf(flags: RunFlags): RunSettings {
  const out: Partial<Record<RunSettingKey, number>> = {}
  for (const setting of RUN_SETTINGS) {
    const text = flags[setting.key]
    if (text === undefined) continue
    const made = runSettingOf(setting, text)
    if ('problem' in made) throw new StudioError('CONFIG_INVALID', `${setting.flag} ${made.problem}.`)
    out[setting.key] = made.value
  }
  return out
}

function decimal(flag: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (value >= min && value <= max) return value
  throw new StudioError('CONFIG_INVALID', `${flag} is a number from ${min} to ${max}, but it is "${text}".`)
}

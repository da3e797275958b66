// Writes the pages of docs/ that are made from declarations in the code. `npm run docs`; a test fails when a page is not what comes out here.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  CAPTURE_SETTINGS,
  captureConfig,
  captureConfigFromText,
  settingName,
  type CaptureConfigKey,
  type CaptureSetting
} from '../src/main/engine/capture/index.ts'
import { CHANNELS, docsTable, FRAME_OUTCOMES, INTEGRITY_KINDS, INTEGRITY_REASONS, type Channel } from '../src/shared/channels/index.ts'

const GENERATED = '<!-- Made by `npm run docs`. Do not edit: change the declarations in the code and run it again. -->'
/** Beyond every limit and still a safe integer. */
const EXTREME = 9e15

/** What each setting is for. A setting without a line here makes the generator fail. */
const MEANING: Readonly<Record<CaptureConfigKey, string>> = {
  venue: 'Which venue is recorded.',
  gammaBaseUrl: 'Polymarket: where the list of markets is.',
  clobBaseUrl: 'Polymarket: where full books are.',
  clobWsUrl: 'Polymarket: the market channel.',
  binanceRestUrl: 'Binance: where symbols and depth snapshots are.',
  binanceWsUrl: 'Binance: the streams.',
  symbols: 'Binance: symbols to record.',
  tokenIds: 'Polymarket: tokens to record; when given, the list of markets is not asked for.',
  gammaLimit: 'Polymarket: markets a page when asking for the list.',
  restTimeout: 'Seconds until an HTTP request is given up.',
  wsShards: 'Connections. `none`: about one for 150 instruments, at least 8 for Polymarket and 1 for Binance, at most 64.',
  wsSubscribeMaxTokens: 'Polymarket: tokens in one subscribe message.',
  wsSubscribeMaxBytes: 'Polymarket: bytes of one subscribe message.',
  wsReconnectMax: 'Reconnects of one shard before the run ends as failed. `none`: any number.',
  wsReconnectBackoffSeconds: 'Pause before connecting again.',
  wsPingIntervalSeconds: 'Polymarket: time between two `PING` texts.',
  wsPingTimeoutSeconds: 'Polymarket: how long `PONG` is waited for.',
  wsDataIdleReconnectSeconds: 'A connection without data for so long is renewed. After a tenth of it, it is shown as silent.',
  wsUserAgent: 'Sent with every request.',
  captureMaxMarkets: 'Polymarket: most markets to record, newest first. `none`: all.',
  captureConfirmTimeoutSeconds: 'How long the first data after connecting are waited for.',
  captureConfirmMinEvents: 'Messages with data after which a subscription counts as confirmed.',
  captureConfirmMaxFailures: 'Unconfirmed attempts of one shard that are let pass before the run ends as failed.',
  captureHeartbeatIntervalSeconds: 'Time between two heartbeats.',
  captureFsyncIntervalSeconds: 'How far the acknowledged bytes may lag behind what was received.',
  captureMetricsMaxSamples: 'Newest samples of each series of times that quantiles are made of.',
  captureDiskUsageIntervalSeconds: 'Time between two looks at the free space.',
  minFreeDiskGb: 'The run ends when less is free, in 10^9 bytes. `none`: never.',
  dataDir: 'The data folder; the bundle is made in `runs/` below it.',
  runId: 'Name of the run and of its folder. `none`: made from the time and chance.',
  durationSeconds: 'The run ends by itself after so long. `none`: it does not.',
  synthetic: 'Marks the bundle as made by a generator.',
  sourceName: 'Name of the source for people. `none`: the venue’s.'
}

/** What the command line puts in the place of the default. */
const COMMAND_DEFAULT: Partial<Record<CaptureConfigKey, string>> = { dataDir: 'that of the desktop app' }

/** docs/channels.md */
export function channelsPage(): string {
  const about = [
    '# Channels',
    GENERATED,
    'A channel is a named stream of records. All of them are declared in `src/shared/channels/catalog.ts`; types, bytes, JSON, CSV and this page come from there.',
    [
      'The scope says what a record is:',
      '',
      '- `tape`: an event of the tape. It follows from the received bytes alone, live and in replay, and is part of the [fingerprint](formats/records.md#fingerprint).',
      '- `plant`: what the plant observed of itself. It is replayed as it was recorded, and is not part of the fingerprint.',
      '- `view`: made for the screen. It is never recorded.'
    ].join('\n'),
    'The first 32 bytes of every record are its [header](formats/records.md#header). Offsets count from the first byte of the record. In JSON and CSV a price or quantity is a decimal number, and a field that is absent is left out; see [event JSON](formats/event-json.md).',
    '## Overview',
    overview(CHANNELS)
  ]
  const tables = (CHANNELS as readonly Channel[]).map((channel) => docsTable(channel).replace(/^### /, '## ').trimEnd())
  const lists = [
    '## Closed lists',
    'A value is stored as its place in the list, counted from 0. Lists only grow at the end.',
    listOf('frame_raw.outcome', FRAME_OUTCOMES),
    listOf('integrity.kind', INTEGRITY_KINDS),
    listOf('integrity.reason', INTEGRITY_REASONS)
  ]
  return `${[...about, ...tables, ...lists].join('\n\n')}\n`
}

function overview(channels: readonly Channel[]): string {
  const rows = channels.map(
    (channel) =>
      `| [\`${channel.name}\`](#${anchorOf(channel)}) | ${channel.wireId} | ${channel.version} | ${channel.scope} | ${cell(channel.doc)} |`
  )
  return ['| channel | wire id | version | scope | what it is |', '|---|---:|---:|---|---|', ...rows].join('\n')
}

/** The anchor that a heading of `docsTable` gets. */
function anchorOf({ name, version, wireId, scope }: Channel): string {
  return `${name}-version-${version}-wire-id-${wireId}-${scope}`
}

function listOf(field: string, values: readonly string[]): string {
  return `\`${field}\`: ${values.map((value, i) => `${i} \`${value}\``).join(', ')}.`
}

/** docs/commands/capture-settings.md */
export function settingsPage(): string {
  const about = [
    '# Settings of a capture',
    GENERATED,
    'Each setting has a flag of `tapedeck capture` and an environment variable. The environment wins over the flag, and the flag over the default. In the manifest a setting keeps its own name.',
    'A list is separated by commas or spaces. `none` where the table allows it means "not set". A value out of range is refused with exit code 2 and a sentence that names it.'
  ]
  const head = ['| setting | flag | environment variable | default | allowed | meaning |', '|---|---|---|---|---|---|']
  return `${[...about, [...head, ...CAPTURE_SETTINGS.map(settingRow)].join('\n')].join('\n\n')}\n`
}

function settingRow(setting: CaptureSetting): string {
  const { key, flag, variable } = setting
  const cells = [`\`${settingName(key)}\``, `\`${flag}\``, `\`${variable}\``, defaultText(key), allowedText(setting), MEANING[key]]
  return `| ${cells.map(cell).join(' | ')} |`
}

function defaultText(key: CaptureConfigKey): string {
  const special = COMMAND_DEFAULT[key]
  if (special !== undefined) return special
  const value = captureConfig({})[key]
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.join(', ')
  return value === null ? 'none' : `\`${String(value)}\``
}

/** What is allowed, as the settings themselves say it when they refuse a value. */
function allowedText(setting: CaptureSetting): string {
  const none = takesNone(setting) ? ', or none' : ''
  if (setting.kind === 'boolean') return 'true or false'
  if (setting.kind === 'number') return `${limit(setting, -EXTREME)} to ${limit(setting, EXTREME)}${none}`
  const refused = refusal(setting.key, setting.kind === 'list' ? ['\n'] : '\n') ?? 'text'
  return `${refused}${none}`
}

function takesNone({ key }: CaptureSetting): boolean {
  try {
    return captureConfigFromText({ [key]: 'none' }, {})[key] === null
  } catch {
    return false
  }
}

function limit({ key }: CaptureSetting, extreme: number): string {
  const found = /^at (?:least|most) (\S+)$/.exec(refusal(key, extreme) ?? '')?.[1]
  if (found === undefined) throw new Error(`the setting ${settingName(key)} does not say how far it may go`)
  return Number(found).toLocaleString('en-US', { maximumFractionDigits: 6 })
}

function refusal(key: CaptureConfigKey, value: unknown): string | undefined {
  try {
    captureConfig({ [key]: value })
    return undefined
  } catch (error) {
    const text = /, but (.*)\.$/s.exec((error as Error).message)?.[1] ?? ''
    return text.replace(/^a value of the form (.*) is expected$/s, '`$1`').replace(/ is (?:allowed|expected)$/, '')
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** Every page that is made here, by its path in the repository. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/channels.md': channelsPage,
  'docs/commands/capture-settings.md': settingsPage
}

function main(): void {
  const root = fileURLToPath(new URL('..', import.meta.url))
  for (const [path, page] of Object.entries(PAGES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), page())
    console.log(`written: ${path}`)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()

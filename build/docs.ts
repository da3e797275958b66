// Writes the pages of docs/ that are made from declarations in the code. `npm run docs`; a test fails when a page is not what comes out here.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CAPTURE_SETTINGS, settingName, type CaptureConfigKey, type CaptureSetting } from '../src/main/engine/capture/index.ts'
import {
  CHANNELS,
  docsTable,
  FRAME_OUTCOMES,
  INTEGRITY_KIND_MEANINGS,
  INTEGRITY_KINDS,
  INTEGRITY_REASON_MEANINGS,
  INTEGRITY_REASONS,
  QC_STATES,
  WINDOW_TRIGGERS,
  type Channel
} from '../src/shared/channels/index.ts'

const GENERATED = '<!-- Made by `npm run docs`. Do not edit: change the declarations in the code and run it again. -->'
/** What the command line puts in the place of the default. */
const COMMAND_DEFAULT: Partial<Record<CaptureConfigKey, string>> = { dataDir: 'that of the desktop app' }

const root = fileURLToPath(new URL('..', import.meta.url))

/** docs/channels.md */
export function channelsPage(): string {
  const about = [
    '# Channels',
    GENERATED,
    'A channel is a named stream of records. All of them are declared in `src/shared/channels/catalog.ts` and `worldChannels.ts` beside it; types, bytes, JSON, CSV and this page come from there.',
    [
      'The scope says what a record is:',
      '',
      '- `tape`: an event of the tape. It follows from the received bytes alone, live and in replay, and is part of the [fingerprint](formats/records.md#fingerprint).',
      '- `plant`: what the plant observed of itself. It is replayed as it was recorded, and is not part of the fingerprint.',
      '- `view`: made for the screen. It is never recorded.',
      '- `journal`: an event of the tape as a journal keeps it, under another name. The tape never writes it.'
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
    listOf('integrity.reason', INTEGRITY_REASONS),
    listOf('qc', QC_STATES),
    listOf('event_window.trigger', WINDOW_TRIGGERS)
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
    'A list is separated by commas or spaces. `none` where the table allows it means "not set". A value out of range is refused with exit code 2 and a sentence that names it.',
    'In the app the same settings are on the page *Capture settings*: press `,`, or use the button in the Go LIVE form or in the top bar. What is changed there is kept in `settings.json` of the data folder and counts from the next start of LIVE; a variable of the environment wins there too and is shown by its name. Venue, symbols and number of markets are chosen in the Go LIVE form; a practice venue brings its own addresses; `ws_reconnect_max` is `none` in the app unless it is set.'
  ]
  const head = ['| setting | flag | environment variable | default | allowed | meaning |', '|---|---|---|---|---|---|']
  return `${[...about, [...head, ...CAPTURE_SETTINGS.map(settingRow)].join('\n')].join('\n\n')}\n`
}

function settingRow(setting: CaptureSetting): string {
  const { key, flag, noFlag, variable, allowed, meaning } = setting
  const flags = noFlag === undefined ? `\`${flag}\`` : `\`${flag}\`, \`${noFlag}\``
  const cells = [`\`${settingName(key)}\``, flags, `\`${variable}\``, defaultText(setting), allowed, meaning]
  return `| ${cells.map(cell).join(' | ')} |`
}

function defaultText({ key, defaultValue }: CaptureSetting): string {
  const special = COMMAND_DEFAULT[key]
  if (special !== undefined) return special
  if (Array.isArray(defaultValue)) return defaultValue.length === 0 ? 'empty' : defaultValue.join(', ')
  if (defaultValue === '') return 'empty'
  return defaultValue === null ? 'none' : `\`${String(defaultValue)}\``
}

const TABLES_BEGIN = '<!-- The tables are made by `npm run docs` from the closed lists in the code. Do not edit. -->'
const TABLES_END = '<!-- End of the tables. -->'

/** docs/integrity.md: written by hand, but for its tables. */
export function integrityPage(): string {
  const page = readFileSync(join(root, 'docs/integrity.md'), 'utf8')
  const begin = page.indexOf(TABLES_BEGIN)
  const end = page.indexOf(TABLES_END)
  if (begin < 0 || end < begin) throw new Error('docs/integrity.md must have a place for its tables, between their two marks.')
  return `${page.slice(0, begin)}${TABLES_BEGIN}\n\n${integrityTables()}\n\n${page.slice(end)}`
}

function integrityTables(): string {
  const kinds = INTEGRITY_KINDS.map((kind) => {
    const { what, reasons } = INTEGRITY_KIND_MEANINGS[kind]
    return `| \`${kind}\` | ${cell(what)} | ${reasons.map((reason) => `\`${reason}\``).join(', ')} |`
  })
  const reasons = INTEGRITY_REASONS.map((reason) => `| \`${reason}\` | ${cell(INTEGRITY_REASON_MEANINGS[reason])} |`)
  return [
    ['| kind | what happened | reasons |', '|---|---|---|', ...kinds].join('\n'),
    ['| reason | what it means |', '|---|---|', ...reasons].join('\n')
  ].join('\n\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** Every page that is made here, by its path in the repository. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/channels.md': channelsPage,
  'docs/commands/capture-settings.md': settingsPage,
  'docs/integrity.md': integrityPage
}

function main(): void {
  for (const [path, page] of Object.entries(PAGES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), page())
    console.log(`written: ${path}`)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()

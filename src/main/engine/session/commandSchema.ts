import { z } from 'zod'
import {
  JUMP_KINDS,
  MAX_SPEED,
  MAX_LIVE_RUN_SECONDS,
  MIN_SPEED,
  COMPACT_WHEN,
  STORAGE_LIMITS,
  RUN_SETTINGS,
  runSettingOf,
  SECRET_MAX_CHARS,
  SECRET_MIN_CHARS,
  SECRET_NAMES,
  type StudioCommand
} from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'

const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0'), 'it has a character that no path can have')
const relNs = z.number().min(-9e15).max(9e15)
const instrumentId = z.int().min(1).max(4_294_967_295)
const venue = z.enum(['polymarket', 'binance'])
const symbols = z
  // Some of the venue's symbols are written in Chinese.
  .array(z.string().regex(/^[\p{L}\p{N}]{2,20}$/u))
  .min(1)
  .max(50)
const secretName = z.enum(SECRET_NAMES)
const secretForm = new RegExp(`^[\\x21-\\x7e]{${SECRET_MIN_CHARS},${SECRET_MAX_CHARS}}$`)
// The sentence is ours: no message may repeat a key.
const secret = z
  .string({ error: 'it must be text' })
  .regex(secretForm, `it must have ${SECRET_MIN_CHARS} to ${SECRET_MAX_CHARS} letters, digits and signs, without spaces`)
const markets = z.int().min(1).max(2000)
const maxMarkets = z.int().min(1).max(5000)

const gb = z.number().min(STORAGE_LIMITS.gb[0]).max(STORAGE_LIMITS.gb[1]).nullable()
/** Also the form of the file in which it is kept. */
export const storageForm = z.strictObject({
  compactWhen: z.enum(COMPACT_WHEN),
  journalDays: z.number().min(STORAGE_LIMITS.journalDays[0]).max(STORAGE_LIMITS.journalDays[1]),
  parquetMonths: z.number().min(STORAGE_LIMITS.parquetMonths[0]).max(STORAGE_LIMITS.parquetMonths[1]).nullable(),
  maxGb: gb,
  minFreeGb: gb,
  deletesByItself: z.boolean()
})

const source = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('polymarket'),
    maxMarkets: maxMarkets.optional(),
    tokens: z
      .array(z.string().regex(/^\d{1,100}$/))
      .max(4000)
      .optional()
  }),
  z.strictObject({ kind: z.literal('binance'), symbols }),
  z.strictObject({
    kind: z.literal('practice'),
    venue,
    markets: markets.optional(),
    messagesPerSecond: z.number().min(1).max(100_000).optional(),
    seed: z.int().min(0).max(4_294_967_295).optional()
  }),
  z.strictObject({
    kind: z.literal('practice_at'),
    venue,
    url: z
      .string()
      .regex(/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\/?$/, 'it must be a loopback address such as http://127.0.0.1:8090'),
    symbols: symbols.optional(),
    maxMarkets: maxMarkets.optional()
  })
])

const bare = (
  cmd:
    | 'session_get'
    | 'session_close'
    | 'library_list'
    | 'library_rescan'
    | 'live_stop'
    | 'replay_play'
    | 'replay_pause'
    | 'job_cancel'
    | 'replay_inputs'
    | 'replay_fingerprint'
    | 'live_rejoin'
    | 'library_add_cancel'
    | 'settings_get'
    | 'days_list'
    | 'storage_get'
    | 'secret_status'
) => z.strictObject({ cmd: z.literal(cmd) })

const plan = z.strictObject({
  strategies: z
    .array(
      z.strictObject({
        name: path,
        params: z.record(z.string().max(60), z.union([z.number(), z.boolean(), z.string().max(1000)]))
      })
    )
    .max(16),
  events: z.enum(['book', 'change']),
  settings: z.partialRecord(z.enum(RUN_SETTINGS.map(({ key }) => key)), z.number()).superRefine((settings, context) => {
    for (const setting of RUN_SETTINGS) {
      const value = settings[setting.key]
      const made = value === undefined ? undefined : runSettingOf(setting, String(value))
      if (made !== undefined && 'problem' in made) context.addIssue({ code: 'custom', path: [setting.key], message: `it ${made.problem}` })
    }
  })
})

const command = z.discriminatedUnion('cmd', [
  bare('session_get'),
  bare('session_close'),
  bare('library_list'),
  bare('library_rescan'),
  bare('live_stop'),
  bare('replay_play'),
  bare('replay_pause'),
  bare('job_cancel'),
  bare('replay_inputs'),
  bare('replay_fingerprint'),
  bare('live_rejoin'),
  bare('library_add_cancel'),
  bare('settings_get'),
  bare('days_list'),
  bare('storage_get'),
  z.strictObject({ cmd: z.literal('storage_set'), settings: storageForm }),
  z.strictObject({ cmd: z.literal('storage_retention'), apply: z.boolean() }),
  bare('secret_status'),
  z.strictObject({ cmd: z.literal('library_add'), path }),
  z.strictObject({ cmd: z.literal('library_forget'), path }),
  z.strictObject({
    cmd: z.literal('settings_set'),
    changes: z.record(z.string().max(100), z.string().max(200_000).nullable())
  }),
  z.strictObject({ cmd: z.literal('secret_set'), name: secretName, value: secret }),
  z.strictObject({ cmd: z.literal('secret_clear'), name: secretName }),
  z.strictObject({ cmd: z.literal('live_start'), source }),
  z.strictObject({ cmd: z.literal('replay_open'), path }),
  z.strictObject({
    cmd: z.literal('day_open'),
    day: z.strictObject({
      date: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'it must be a day such as 2026-11-20'),
      timeZone: z.string().max(60).optional(),
      stations: z.array(z.string().min(1).max(40)).max(200).optional(),
      channels: z.array(z.string().min(1).max(40)).max(100).optional(),
      mode: z.enum(['light', 'raw']).optional()
    })
  }),
  z.strictObject({ cmd: z.literal('bundle_compact'), path }),
  z.strictObject({ cmd: z.literal('replay_seek'), relNs }),
  z.strictObject({ cmd: z.literal('replay_step'), unit: z.enum(['event', 'second']), direction: z.union([z.literal(1), z.literal(-1)]) }),
  z.strictObject({
    cmd: z.literal('replay_speed'),
    speed: z
      .number()
      .refine((x) => x === 0 || (x >= MIN_SPEED && x <= MAX_SPEED), `it must be 0 (as fast as possible) or ${MIN_SPEED} to ${MAX_SPEED}`)
  }),
  z.strictObject({ cmd: z.literal('replay_seek_percent'), percent: z.number().min(0).max(100) }),
  z.strictObject({ cmd: z.literal('replay_jump'), kind: z.enum(JUMP_KINDS), direction: z.union([z.literal(1), z.literal(-1)]) }),
  z.strictObject({
    cmd: z.literal('replay_loop'),
    loop: z.strictObject({ fromRelNs: relNs, toRelNs: relNs, preRollNs: z.number().min(0).max(9e15) }).nullable()
  }),
  z.strictObject({ cmd: z.literal('window_open'), reason: z.string().max(300) }),
  z.strictObject({ cmd: z.literal('replay_skip_idle'), skip: z.boolean() }),
  z.strictObject({ cmd: z.literal('view_select'), instrumentId }),
  z.strictObject({ cmd: z.literal('bundle_report'), path }),
  z.strictObject({ cmd: z.literal('bundle_slice'), path, fromRelNs: relNs, toRelNs: relNs }),
  z.strictObject({ cmd: z.literal('strategy_run'), path, plan }),
  z.strictObject({ cmd: z.literal('strategy_live'), source, seconds: z.number().min(1).max(MAX_LIVE_RUN_SECONDS), plan })
])

/** Checks a command that came from outside. @throws StudioError USAGE that names the field and what is allowed */
export function parseCommand(value: unknown): StudioCommand {
  const result = command.safeParse(value)
  if (result.success) return result.data as StudioCommand
  const issue = result.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? 'The command' : `The field ${issue.path.join('.')}`
  // The list of all commands is longer than anybody reads.
  const what = issue?.path.join('.') === 'cmd' ? 'there is no such command' : (issue?.message ?? 'unknown form')
  throw new StudioError('USAGE', `${where} is not as it should be: ${what}.`)
}

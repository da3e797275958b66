import { z } from 'zod'
import { JUMP_KINDS, MAX_SPEED, MIN_SPEED, SUBSCRIBE_ALL, TRANSPORTS, type StreamDeed, type Subscription } from '../../shared/api/index.ts'
import { parseIsoMicros } from '../../shared/channels/eventTime.ts'
import { StudioError } from '../../shared/errors.ts'

const relNs = z.number().min(-9e15).max(9e15)
const direction = z.union([z.literal(1), z.literal(-1)])
const names = (most: number) => z.array(z.string().min(1).max(120)).max(most)
const id = z.union([z.int().min(0), z.string().max(64)]).optional()
const wanted = {
  channels: z.array(z.enum(TRANSPORTS)).max(TRANSPORTS.length).optional(),
  mode: z.enum(['light', 'raw']).optional(),
  tokens: names(4000).optional(),
  stations: names(100).optional()
}
const bare = <N extends string>(cmd: N) => z.strictObject({ cmd: z.literal(cmd), id })

const message = z.discriminatedUnion('cmd', [
  bare('load'),
  bare('play'),
  bare('pause'),
  bare('stop'),
  bare('state'),
  bare('ping'),
  z.strictObject({ cmd: z.literal('seek'), id, rel_ns: relNs.optional(), ts_utc: z.string().max(40).optional() }),
  z.strictObject({ cmd: z.literal('seek_percent'), id, percent: z.number().min(0).max(100) }),
  z.strictObject({
    cmd: z.literal('speed'),
    id,
    speed: z
      .number()
      .refine((x) => x === 0 || (x >= MIN_SPEED && x <= MAX_SPEED), `it must be 0 (as fast as possible) or ${MIN_SPEED} to ${MAX_SPEED}`)
  }),
  z.strictObject({ cmd: z.literal('step'), id, unit: z.enum(['event', 'second']), direction: direction.default(1) }),
  z.strictObject({ cmd: z.literal('jump'), id, kind: z.enum(JUMP_KINDS), direction: direction.default(1) }),
  z.strictObject({
    cmd: z.literal('loop'),
    id,
    loop: z.strictObject({ from_rel_ns: relNs, to_rel_ns: relNs, pre_roll_ns: z.number().min(0).max(9e15).default(0) }).nullable()
  }),
  z.strictObject({ cmd: z.literal('subscribe'), id, ...wanted }),
  z.strictObject({ cmd: z.literal('clock'), id, clock: z.enum(['own', 'shared']) })
])

export type ClientCommand = z.infer<typeof message>

/** The id of a message, also of one that is refused; undefined when it has none that could be sent back. */
export function idOf(text: string): ClientCommand['id'] {
  try {
    return z.object({ id }).safeParse(JSON.parse(text)).data?.id
  } catch {
    return undefined
  }
}

/** @throws StudioError USAGE that names the field and what is allowed */
export function readCommand(text: string): ClientCommand {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new StudioError('USAGE', 'A message is "ping" or a JSON object with a "cmd"; this one is not readable as JSON.')
  }
  const result = message.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? 'The message' : `The field ${issue.path.join('.')}`
  const what = issue?.path.join('.') === 'cmd' ? 'there is no such command' : (issue?.message ?? 'unknown form')
  throw new StudioError('USAGE', `${where} is not as it should be: ${what}.`.slice(0, 300))
}

export function subscriptionOf(command: Extract<ClientCommand, { cmd: 'subscribe' }>): Subscription {
  const { channels, mode, tokens, stations } = command
  return { channels: channels ?? SUBSCRIBE_ALL.channels, mode: mode ?? 'light', tokens: tokens ?? [], stations: stations ?? [] }
}

/**
 * What the clock is asked for.
 * @param originTsNs nanoseconds since the Unix epoch of the run's origin
 * @throws StudioError USAGE when a seek names no time, or two
 */
export function deedOf(command: Exclude<ClientCommand, { cmd: 'subscribe' | 'clock' | 'state' | 'ping' }>, originTsNs: bigint): StreamDeed {
  switch (command.cmd) {
    case 'seek':
      return { cmd: 'seek', relNs: seekTime(command.rel_ns, command.ts_utc, originTsNs) }
    case 'loop': {
      const { loop } = command
      if (loop === null) return { cmd: 'loop', loop }
      return { cmd: 'loop', loop: { fromRelNs: loop.from_rel_ns, toRelNs: loop.to_rel_ns, preRollNs: loop.pre_roll_ns } }
    }
    case 'seek_percent':
      return { cmd: 'seek_percent', percent: command.percent }
    case 'speed':
      return { cmd: 'speed', speed: command.speed }
    case 'step':
      return { cmd: 'step', unit: command.unit, direction: command.direction }
    case 'jump':
      return { cmd: 'jump', kind: command.kind, direction: command.direction }
    case 'load':
    case 'play':
    case 'pause':
    case 'stop':
      return { cmd: command.cmd }
  }
}

function seekTime(rel: number | undefined, utc: string | undefined, originTsNs: bigint): number {
  if (rel !== undefined && utc === undefined) return rel
  const tsNs = utc === undefined || rel !== undefined ? undefined : parseIsoMicros(utc)
  if (tsNs === undefined)
    throw new StudioError('USAGE', 'A seek needs either rel_ns, or ts_utc in the form 2026-11-20T07:16:55.720547+00:00.')
  return Number(tsNs - originTsNs)
}

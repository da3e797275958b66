import type { Channel } from './channel.ts'
import { exactJson, exactText, isJsonObject, type Json } from './exactJson.ts'

const ENVELOPE: ReadonlySet<string> = new Set([
  'schema_version',
  'event_id',
  'correlation_id',
  'ch',
  'ts_ingest_utc',
  'ts_nyc',
  'ts_es',
  'obs_time_utc',
  'station_id',
  'market_id',
  'token_id',
  'window_id',
  'data',
  'at',
  'raw'
])

const taken = new WeakMap<Channel, ReadonlySet<string>>()

/** Names under `data` that belong to the fields of a channel, the older ones too. */
function fieldNames(channel: Channel): ReadonlySet<string> {
  const names = taken.get(channel) ?? new Set(Object.values(channel.fields).flatMap(({ wire, json }) => [wire, json ?? wire]))
  taken.set(channel, names)
  return names
}

/**
 * A text tail as members under `data`, without braces. A text that is a JSON object stands there as its own members, so that they have
 * their names beside the fields. Where that would not give the same text back it is one member with the name of the tail: an object when
 * only its names are in the way, else a string.
 */
export function tailMembers(channel: Channel, text: string): string {
  const { tail } = channel
  if (tail === undefined) return ''
  const key = JSON.stringify(tail.wire)
  const object = tail.json === true ? canonicalObject(text) : undefined
  if (object === undefined) return `${key}:${JSON.stringify(text)}`
  const names = Object.keys(object)
  const isFree = names.every((name) => !fieldNames(channel).has(name)) && !(names.length === 1 && names[0] === tail.wire)
  return isFree ? text.slice(1, -1) : `${key}:${text}`
}

/** The object that a text holds, if writing it again gives the same text. */
function canonicalObject(text: string): Json | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value = exactJson(text)
    return isJsonObject(value) && exactText(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * The text tail that a payload holds, in any of these forms.
 * @param data the payload, its numbers as `NumberText`; @param isFlat it lies beside the envelope
 * @returns undefined when there is none
 */
export function tailTextIn(channel: Channel, data: Json, isFlat: boolean): string | undefined {
  const { tail } = channel
  if (tail === undefined) return undefined
  const given = data[tail.wire]
  if (tail.json !== true) return typeof given === 'string' ? given : undefined
  const own = Object.entries(data).filter(([name]) => !fieldNames(channel).has(name) && !(isFlat && ENVELOPE.has(name)))
  if (own.length !== 1 || own[0]![0] !== tail.wire) return exactText(Object.fromEntries(own))
  return typeof given === 'string' ? given : isJsonObject(given) ? exactText(given) : undefined
}

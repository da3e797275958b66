import fc from 'fast-check'
import type { Channel, Field, RecordHeader } from '../channels/index.ts'

const safe = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, -1, 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 4_294_967_295, 4_294_967_296, -4_294_967_296, -4_294_967_297)
)
const u32 = fc.oneof(fc.nat(), fc.constantFrom(0, 4_294_967_295))
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\ufeffmarked', '"', '\\', ',', '\n', '\r\n', '\u2028', 'é', '試験', '😀', '=1+1'),
  // Objects, such as they are written, and some that would not come back as they were.
  fc.constantFrom(
    '{}',
    '{"a":1}',
    '{"report":"x"}',
    '{"report":{"b":1},"nowcast":[1]}',
    '{"features":{"env":{"a":null},"qc":"OK"},"staleness":{"a":1}}',
    '{"qc":"OK","minute":5,"lat":1}',
    '{"hb_wall_ns_utc":1763631000123456789,"x":1e400,"y":-0,"z":0.10}',
    '{"2":1,"10":{"b":1,"a":[{"é":"\\u2028"}]}}',
    '{"b":1,"1":2}',
    '{"a":1,"a":2}',
    '{ "a":1}',
    '{"__proto__":{"x":1},"a":"__proto__"}'
  )
)

function valueOf(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'u32':
      return u32
    case 'i64':
    case 'e6':
      return safe
    case 'f64':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'bool':
      return fc.boolean()
    case 'oneOf':
      return fc.constantFrom(...(field.values ?? []))
  }
}

const header: fc.Arbitrary<RecordHeader> = fc.record({
  shard: fc.nat({ max: 65_535 }),
  frameIdx: u32,
  pos: u32,
  instrumentId: u32,
  recvRelNs: safe
})

const side = fc.array(fc.tuple(safe, safe), { maxLength: 12 }).map((pairs) => pairs.flat())

/** Any record that the declaration of a channel allows, made from the declaration itself. */
export function randomRecord(channel: Channel): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(channel.fields)
  const fields = fc.record(Object.fromEntries(entries.map(([name, field]) => [name, valueOf(field)])), {
    requiredKeys: entries.filter(([, field]) => !field.optional).map(([name]) => name)
  })
  const tail: fc.Arbitrary<object> =
    channel.tail?.kind === 'levels'
      ? fc.record({ levels: fc.record({ bids: side, asks: side }) })
      : channel.tail?.kind === 'text'
        ? fc.record({ text })
        : fc.constant({})
  return fc.tuple(header, fields, tail).map(([h, f, t]) => ({ ch: channel.name, ...h, ...f, ...t }))
}

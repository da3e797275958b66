import type { Channel } from './channel.ts'
import type { Field, FieldKind } from './fields.ts'

const TYPE_TEXT: Readonly<Record<FieldKind, string>> = {
  u32: 'u32',
  i64: 'i64',
  e6: 'i64, × 1e6',
  f64: 'f64',
  bool: 'u32, 0 or 1',
  oneOf: 'u32, index in the list'
}

/** A channel as a Markdown table: where each field lies in the record, its name on the wire, unit and meaning. Ends with a newline. */
export function docsTable(channel: Channel): string {
  const rows = Object.entries(channel.fields).map(([name, field]) => [
    channel.at[name],
    `\`${field.wire}\``,
    TYPE_TEXT[field.kind],
    field.unit,
    field.optional ? 'yes' : '',
    field.doc + jsonNote(field)
  ])
  const { tail } = channel
  if (tail?.kind === 'levels')
    rows.push([channel.tailAt, '`bids`, `asks`', 'u32 bids, u32 asks, then pairs of i64, × 1e6', 'price, base quantity', '', tail.doc])
  if (tail?.kind === 'text')
    rows.push([
      channel.tailAt,
      `\`${tail.wire}\``,
      'u32 byte length, then UTF-8',
      'text',
      '',
      `${tail.doc}${tail.json === true ? '. In JSON its members stand beside the fields' : ''}`
    ])
  const lines = rows.map((cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)
  const title = `### \`${channel.name}\` (version ${channel.version}, wire id ${channel.wireId}, ${channel.scope})`
  const head = '| offset | wire name | stored as | unit | may be absent | meaning |\n|---:|---|---|---|---|---|'
  return `${title}\n\n${channel.doc}\n\n${lines.length === 0 ? 'No fields beyond the header.' : [head, ...lines].join('\n')}\n`
}

function jsonNote({ json, jsonDecimal }: Field): string {
  return json === undefined ? '' : `. In JSON \`${json}\`${jsonDecimal === true ? ', the number itself' : ''}`
}

import type { Channel } from './channel.ts'
import type { Field, FieldKind } from './fields.ts'
import { memberTypeText, type Member } from './members.ts'

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
  const fields = lines.length === 0 ? 'No fields beyond the header.' : [head, ...lines].join('\n')
  const members = tail?.kind === 'text' ? membersTable(tail.wire, tail.members ?? []) : []
  return `${[title, channel.doc, fields, ...members].join('\n\n')}\n`
}

/** Members of the text that Parquet has as columns; those that another page explains are named only. */
function membersTable(wire: string, members: readonly Member[]): string[] {
  if (members.length === 0) return []
  const rows = members
    .filter(({ doc }) => doc !== '')
    .map(({ wire: name, type, doc, path }) => `| \`${name}\` | ${memberTypeText(type)} | ${path.join(' › ')} | ${doc} |`)
  const table = ['| column | type | in the text | meaning |', '|---|---|---|---|', ...rows].join('\n')
  const others = members.filter(({ doc }) => doc === '')
  const named = (['integer', 'number'] as const).flatMap((kind) => {
    const names = others.filter(({ type }) => type === kind).map(({ wire: name }) => `\`${name}\``)
    return names.length === 0 ? [] : [`Further columns (${kind}), named as in the text: ${names.join(', ')}.`]
  })
  return [
    `Members of \`${wire}\` that are columns of their own in the [lake](formats/lake.md), NULL where the text has none:`,
    table,
    ...named
  ]
}

function jsonNote({ json, jsonDecimal }: Field): string {
  return json === undefined
    ? ''
    : `. In JSON \`${json}\`${jsonDecimal === true ? ', the number itself; the lake has a column of that name too' : ''}`
}

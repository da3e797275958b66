const UNITS: Readonly<Record<string, string>> = { seconds: 's', ms: 'ms', pct: '%', gb: 'GB', bytes: 'bytes' }
const WORDS: Readonly<Record<string, string>> = {
  ws: 'WebSocket',
  url: 'address',
  rest: 'REST',
  clob: 'CLOB',
  gc: 'garbage collector',
  json: 'JSON',
  ndjson: 'NDJSON',
  id: 'ID',
  ids: 'IDs',
  res: 'resolution',
  bps: 'bps'
}

/** A setting's name in words, and its unit apart: `capture_fsync_interval_seconds` is "Fsync interval" in s. */
export function settingLabel(name: string): { readonly label: string; readonly unit: string } {
  const parts = name.replace(/^capture_/, '').split('_')
  const unit = parts.find((part) => part in UNITS)
  const words = parts.filter((part) => part !== unit).map((part) => WORDS[part] ?? part)
  const text = words.join(' ')
  return { label: text.charAt(0).toUpperCase() + text.slice(1), unit: unit === undefined ? '' : (UNITS[unit] ?? '') }
}

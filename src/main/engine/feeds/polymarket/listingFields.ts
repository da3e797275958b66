/** Fields of a market's listing as they came. Whatever is missing or of a wrong type counts as not stated. */
export type ListingRow = Readonly<Record<string, unknown>>

const MAX_TEXT = 1000

/** Texts of these fields; a list gives those of its items that are texts. */
export function textsOf(row: ListingRow, fields: readonly string[]): string[] {
  const values = fields.flatMap((field) => row[field])
  return values.flatMap((value) => (typeof value === 'string' && value.trim() !== '' ? [value.trim().slice(0, MAX_TEXT)] : []))
}

/** The first of these fields that states an instant: as text, or as seconds or milliseconds since the epoch. @returns Unix milliseconds */
export function firstInstantOf(row: ListingRow, fields: readonly string[]): number | undefined {
  for (const field of fields) {
    const ms = instantOf(row[field])
    if (ms !== undefined) return ms
  }
  return undefined
}

export function booleanOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null
}

/** @returns undefined for anything but a whole number from 0 up, or text of one */
export function wholeNumberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 1e12 && value < 1e15 ? value : value >= 1e9 && value < 1e12 ? value * 1000 : undefined
  if (typeof value !== 'string') return undefined
  // Without a zone it would be read in the zone of this machine.
  const ms = Date.parse(/T[\d:.]+$/.test(value) ? `${value}Z` : value)
  return Number.isFinite(ms) ? ms : undefined
}

/** One line of a run's texts, or one heartbeat, as it was parsed. Whoever wrote it decides what is in it: look before use. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** @returns the finite number of a field; undefined where it is missing or anything else: unknown, not zero */
export function finiteNumber(record: JsonRecord, key: string): number | undefined {
  const value = record[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** @returns the record of a JSON text; undefined where it is no JSON object */
export function jsonRecord(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined
  } catch {
    return undefined
  }
}

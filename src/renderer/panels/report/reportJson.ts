/** The report as JSON text, indented. Integers beyond 2^53 (nanoseconds) come as bigint and are written as plain integers. */
export function reportJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `@integer:${inner}@` : inner), 2)
  return text.replace(/"@integer:(-?\d+)@"/g, '$1')
}

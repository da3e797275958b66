/**
 * The reports of a plain text: one a line, or a collective with wrapped lines and `=` at the end of each report. Lines that belong to the
 * transmission (numbers, headings such as `SAUS70 KWBC 081400`) are left out.
 */
export function reportsOfText(text: string): string[] {
  // oxlint-disable-next-line no-control-regex -- teletype bytes are what is looked for
  const lines = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ').split('\n')
  const reports: string[] = []
  let current = ''
  const close = (): void => {
    if (current.trim() !== '') reports.push(current.trim())
    current = ''
  }
  for (const line of lines) {
    const trimmed = line.trim()
    if (trimmed === '' || HEADING.test(trimmed)) {
      close()
      continue
    }
    for (const [i, part] of trimmed.split('=').entries()) {
      if (i > 0 || STARTS.test(part.trim())) close()
      current = `${current} ${part.trim()}`
    }
  }
  close()
  return reports
}

const HEADING = /^(?:\d{3}|METAR|SPECI|[A-Z]{4}\d{2} [A-Z]{4} \d{6}(?: [A-Z]{3})?|[A-Z]{4} [A-Z]{4} \d{6}(?: [A-Z]{3})?)$/
const STARTS = /^(?:(?:METAR|SPECI) )?(?:COR )?[A-Z][A-Z0-9]{3} \d{6}Z(?: |$)|^(?:METAR|SPECI) /

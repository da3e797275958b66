import { useMemo, useState } from 'react'
import type { BundleReport } from '../../../shared/api/index.ts'
import { Button } from '../../ui/Button.tsx'
import { copyText } from '../../ui/copyText.ts'
import { shownText } from '../../ui/shownText.ts'
import { GateList, gateSummary } from '../GateList.tsx'
import { Blocks } from './Blocks.tsx'
import { jsonBlocks } from './jsonBlocks.ts'
import { reportJson } from './reportJson.ts'

const SECTIONS = [
  ['verify', 'Verification', 'Every record read back: lengths, checksums and index.'],
  ['audit', 'Audit', 'The gates that decide whether a recording is good.'],
  ['latency', 'Latency', 'How fast the plant was, from its heartbeats.'],
  ['journal', 'Journal', 'What the recorder kept of each channel, and what is lost.'],
  ['inspection', 'Inspection by shard', 'What the bundle holds.']
] as const

/** Gates first, then each part of the report as tables. */
export function ReportBody({ report }: { readonly report: BundleReport }) {
  const [json, setJson] = useState<string | undefined>(undefined)
  const [copied, setCopied] = useState('')
  const copy = async (): Promise<void> => {
    const text = reportJson(report)
    if (await copyText(text)) return setCopied('Copied.')
    setJson(text)
    setCopied('The clipboard was refused. Select the text below.')
  }
  return (
    <div className="report-body" data-testid="report-body">
      <div className="report-bar">
        <span className="muted" data-testid="report-run">
          {report.runId} · {shownText(report.path)}
        </span>
        <span role="status">{copied}</span>
        <Button label="Copy as JSON" testId="report-copy" kind="quiet" onClick={() => void copy()} />
        <Button
          label={json === undefined ? 'Show JSON' : 'Hide JSON'}
          testId="report-show-json"
          kind="quiet"
          pressed={json !== undefined}
          onClick={() => setJson(json === undefined ? reportJson(report) : undefined)}
        />
      </div>
      {json !== undefined && (
        <textarea className="report-json" data-testid="report-json" readOnly value={json} aria-label="Report as JSON" />
      )}
      <section className="report-section">
        <h3>
          Gates <span className="muted">{gateSummary(report.gates)}</span>
        </h3>
        <GateList gates={report.gates} testId="report-gates" label="Gates" />
      </section>
      {SECTIONS.map(([key, title, sentence]) => (
        <Section key={key} name={key} title={title} sentence={sentence} value={report[key]} />
      ))}
    </div>
  )
}

interface SectionProps {
  readonly name: string
  readonly title: string
  readonly sentence: string
  readonly value: unknown
}

function Section({ name, title, sentence, value }: SectionProps) {
  const blocks = useMemo(() => jsonBlocks(value), [value])
  return (
    <details className="report-section" data-testid={`report-${name}`} open={name !== 'inspection'}>
      <summary>
        {title} <span className="muted">{sentence}</span>
      </summary>
      <Blocks blocks={blocks} />
    </details>
  )
}

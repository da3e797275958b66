import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { WINDOW_TRIGGERS } from '../../../shared/channels/index.ts'
import { countText } from '../../ui/humanText.ts'
import { TRIGGERS } from '../../ui/markText.ts'
import { useRevision } from '../../ui/useRevision.ts'

/** What the marks of this run mean: only those that it has. */
export function MarkLegend() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.marks.revision, [client])
  useRevision('marks', revision)
  const { metar, windows, shocks, leftOut } = client.data.marks.all
  const present = new Set(windows.map((window) => window.trigger))
  return (
    <>
      {metar.length > 0 && (
        <span className="mark-item">
          <i className="mark metar" />
          METAR
        </span>
      )}
      {shocks.length > 0 && (
        <span className="mark-item">
          <i className="mark shock" />
          shock
        </span>
      )}
      {WINDOW_TRIGGERS.filter((trigger) => present.has(trigger)).map((trigger) => (
        <span key={trigger} className="mark-item">
          <i className="mark window" style={{ background: TRIGGERS[trigger].colour }} />
          {TRIGGERS[trigger].label}
        </span>
      ))}
      {leftOut > 0 && <span className="mark-item">{countText(leftOut)} more not drawn</span>}
    </>
  )
}

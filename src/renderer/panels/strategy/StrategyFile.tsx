import { useRef } from 'react'
import { notify } from '../../stores/noticeStore.ts'
import { setEntry } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'

/** A strategy of one's own: picked on the desktop, typed in browser mode (there it is a path on the studio's machine). */
export function StrategyFile({ entry, file }: { readonly entry: number; readonly file: string }) {
  const picker = useRef<HTMLInputElement>(null)
  const desktop = window.studio !== undefined
  const take = (chosen: File | undefined): void => {
    if (chosen === undefined) return
    const path = window.studio?.pathForFile(chosen) ?? ''
    if (path === '') notify('warning', `${chosen.name} has no place on this computer's disk. Save it first, then choose it.`)
    else setEntry(entry, { file: path })
  }
  return (
    <div className="strategy-file">
      <label className="field">
        <span>{desktop ? 'Strategy file (.ts, .js)' : 'Path of the strategy file on the studio’s machine'}</span>
        <input
          type="text"
          spellCheck={false}
          data-testid="strategy-file"
          value={file}
          title={file}
          onChange={(event) => setEntry(entry, { file: event.target.value })}
        />
      </label>
      {desktop && (
        <>
          <Button label="Choose…" testId="strategy-file-choose" onClick={() => picker.current?.click()} />
          <input
            ref={picker}
            type="file"
            hidden
            accept=".ts,.mts,.js,.mjs"
            data-testid="strategy-file-input"
            aria-label="Choose a strategy file"
            onChange={(event) => {
              take(event.target.files?.[0])
              event.target.value = ''
            }}
          />
        </>
      )}
      <p className="hint">It runs in a thread of its own with a time limit. Only run code that you trust.</p>
    </div>
  )
}

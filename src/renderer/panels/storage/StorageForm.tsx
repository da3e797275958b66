import { useState } from 'react'
import { COMPACT_WHEN, STORAGE_LIMITS, type CompactWhen, type StorageSettings } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { showStorage } from '../../stores/storageStore.ts'

const WHEN: Readonly<Record<CompactWhen, string>> = {
  by_hand: 'Only by hand',
  after_recording: 'When a recording ends',
  hourly: 'Every hour, and when the day ends in New York'
}

/** The choices. Each counts as soon as it is made. */
export function StorageForm({ settings }: { readonly settings: StorageSettings }) {
  const { storage } = useStudio()
  return (
    <div className="storage-form">
      <label htmlFor="storage-when">Journals become Parquet</label>
      <select
        id="storage-when"
        data-testid="storage-when"
        value={settings.compactWhen}
        onChange={(event) => void storage.choose({ compactWhen: event.target.value as CompactWhen })}
      >
        {COMPACT_WHEN.map((when) => (
          <option key={when} value={when}>
            {WHEN[when]}
          </option>
        ))}
      </select>
      <Amount name="journalDays" label="Keep proved journals" unit="days" value={settings.journalDays} range={STORAGE_LIMITS.journalDays} />
      <Amount
        name="parquetMonths"
        label="Keep Parquet"
        unit="months"
        value={settings.parquetMonths}
        range={STORAGE_LIMITS.parquetMonths}
        none="for ever"
      />
      <Amount
        name="maxGb"
        label="Journals and Parquet together at most"
        unit="GB"
        value={settings.maxGb}
        range={STORAGE_LIMITS.gb}
        none="any"
      />
      <Amount name="minFreeGb" label="Leave free on the disk" unit="GB" value={settings.minFreeGb} range={STORAGE_LIMITS.gb} none="any" />
      <label className="check">
        <input
          type="checkbox"
          data-testid="storage-deletes"
          checked={settings.deletesByItself}
          onChange={(event) => void storage.choose({ deletesByItself: event.target.checked })}
        />
        Delete by itself what may go, after each compaction that was not by hand
      </label>
    </div>
  )
}

interface AmountProps {
  readonly name: 'journalDays' | 'parquetMonths' | 'maxGb' | 'minFreeGb'
  readonly label: string
  readonly unit: string
  readonly value: number | null
  readonly range: readonly [number, number]
  /** What an empty field means; left out: a number is needed. */
  readonly none?: string
}

/** A number that counts when the field is left or Enter is pressed. */
function Amount({ name, label, unit, value, range: [least, most], none }: AmountProps) {
  const { storage } = useStudio()
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const commit = (): void => {
    if (typed === undefined) return
    const text = typed.trim()
    const number = text === '' && none !== undefined ? null : Number(text.replace(',', '.'))
    setTyped(undefined)
    if (number !== null && (text === '' || !(number >= least && number <= most)))
      return showStorage({ problem: `${label}: expected ${least} to ${most} ${unit}, found “${text}”. It was not changed.` })
    void storage.choose({ [name]: number })
  }
  return (
    <>
      <label htmlFor={`storage-${name}`}>{label}</label>
      <span className="storage-amount">
        <input
          id={`storage-${name}`}
          data-testid={`storage-${name}`}
          type="text"
          inputMode="decimal"
          autoComplete="off"
          placeholder={none}
          value={typed ?? (value === null ? '' : String(value))}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit()
          }}
        />
        <span className="muted">{unit}</span>
      </span>
    </>
  )
}

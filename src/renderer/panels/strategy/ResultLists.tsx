import type { ReactNode } from 'react'
import type { FillRow, IntentRow, StrategyResult } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { exactText, sizeText } from '../../stage/index.ts'
import { useInstruments } from '../../stores/instrumentStore.ts'
import { countText } from '../../ui/humanText.ts'
import { VirtualList } from '../../ui/VirtualList.tsx'
import { feeText, marketText, offsetText } from './resultText.ts'

interface RowsProps<T> {
  readonly rows: readonly T[]
  /** How many there were in all; the rows are the first of them. */
  readonly all: number
  /** True when a press can go to the instant. */
  readonly open: boolean
}

const ROW_PX = 36

/** Fills in time order; a press goes there. */
export function FillList({ rows, all, open }: RowsProps<FillRow>) {
  if (rows.length === 0) return <p className="hint">No fills.</p>
  return (
    <>
      <Cut rows={rows.length} all={all} />
      <VirtualList
        items={rows.map((row, i) => ({ row, i }))}
        rowHeight={ROW_PX}
        label="Fills"
        testId="fill-list"
        keyOf={({ i }) => i}
        row={({ row }) => (
          <Row
            testId="fill-row"
            relNs={row.relNs}
            open={open}
            market={row.market}
            side={row.side}
            sideText={row.side}
            note={row.feeE6 === 0 ? '' : `fee ${feeText(row.feeE6)}`}
          >
            {exactText(row.pxE6)} × {sizeText(row.sizeE6)}
          </Row>
        )}
      />
    </>
  )
}

/** Intents in time order; a press goes there. */
export function IntentList({ rows, all, open }: RowsProps<IntentRow>) {
  if (rows.length === 0) return <p className="hint">No intents.</p>
  return (
    <>
      <Cut rows={rows.length} all={all} />
      <VirtualList
        items={rows.map((row, i) => ({ row, i }))}
        rowHeight={ROW_PX}
        label="Intents"
        testId="intent-list"
        keyOf={({ i }) => i}
        row={({ row }) => (
          <Row
            testId="intent-row"
            relNs={row.relNs}
            open={open}
            market={row.market}
            side={row.side ?? ''}
            sideText={row.side ?? 'cancel'}
            note={row.tag}
          >
            {intentText(row)}
          </Row>
        )}
      />
    </>
  )
}

/** Price and size of an order; nothing for a cancel. */
function intentText({ kind, pxE6, sizeE6 }: IntentRow): string {
  if (kind === 'cancel') return ''
  return `${pxE6 === undefined ? 'market' : exactText(pxE6)} × ${sizeE6 === undefined ? 'unknown' : sizeText(sizeE6)}`
}

/** What was held at the end. */
export function PositionList({ rows }: { readonly rows: StrategyResult['positions'] }) {
  if (rows.length === 0) return <p className="hint">No position was left at the end.</p>
  return (
    <VirtualList
      items={rows}
      rowHeight={24}
      label="Positions at the end"
      testId="position-list"
      keyOf={(row) => row.market}
      row={(row) => (
        <div className="position-row" data-testid="position-row" title={row.market}>
          <MarketName market={row.market} />
          <span>{sizeText(row.positionE6)}</span>
        </div>
      )}
    />
  )
}

function Cut({ rows, all }: { readonly rows: number; readonly all: number }) {
  if (all <= rows) return null
  return (
    <p className="hint">
      The first {countText(rows)} of {countText(all)}.
    </p>
  )
}

interface RowProps {
  readonly testId: string
  readonly relNs: number
  readonly open: boolean
  readonly market: string
  readonly side: 'buy' | 'sell' | ''
  readonly sideText: string
  readonly note: string
  readonly children: ReactNode
}

function Row({ testId, relNs, open, market, side, sideText, note, children }: RowProps) {
  const { actions } = useStudio()
  return (
    <button
      type="button"
      className={`result-row ${side}`}
      data-testid={testId}
      data-rel={relNs}
      aria-disabled={!open}
      title={open ? 'Press to go there' : 'Open the bundle of this result to go there'}
      onClick={() => {
        if (open) void actions.seekTo(relNs)
      }}
    >
      <span className="result-line">
        <span className="time">{offsetText(relNs)}</span>
        <span className="side">{sideText}</span>
        <span className="what">{children}</span>
      </span>
      <span className="result-line second">
        <MarketName market={market} />
        <span className="muted">{note}</span>
      </span>
    </button>
  )
}

function MarketName({ market }: { readonly market: string }) {
  const one = useInstruments((s) => s.instruments.find((instrument) => instrument.tokenId === market))
  return (
    <span className="result-market" title={market}>
      {one === undefined ? marketText(market) : `${one.name} ${one.outcome}`}
    </span>
  )
}

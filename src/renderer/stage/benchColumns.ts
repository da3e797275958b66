import { depth1s, type Depth1s, encodeRecord, putI64, recordBytes } from '../../shared/channels/index.ts'

const TICK = 10_000
const SPOT = 61_800_000_000
/** Different columns; the bench walks through them again and again. */
export const DISTINCT = 64

/** Encoded `depth_1s` records of a lively book: about a fifth of the rows hold something. The same every time. */
export class BenchColumns {
  readonly #views: readonly DataView[]

  constructor(levelsPerSide = 120) {
    this.#views = Array.from({ length: DISTINCT }, (_, i) => encode(column(i, levelsPerSide)))
  }

  /** The record for a second: bytes that `ColumnStore.putBytes` takes. */
  at(second: number): DataView {
    const view = this.#views[second % DISTINCT] ?? new DataView(new ArrayBuffer(0))
    putI64(view, depth1s.at.second, second)
    return view
  }
}

function column(i: number, levelsPerSide: number): Depth1s {
  const side = (step: 1 | -1): number[] => {
    const out: number[] = []
    for (let k = 0; k < levelsPerSide; k++)
      out.push(SPOT + step * (1 + k * 5 + ((k * 7 + i * 3) % 4)) * TICK, 10_000 + ((k * 7919 + i * 104_729) % 5_000_000))
    return out
  }
  const bids = side(-1)
  const asks = side(1)
  return {
    ch: 'depth_1s',
    shard: 0,
    frameIdx: i,
    pos: 0,
    instrumentId: 1,
    recvRelNs: 0,
    second: 0,
    spotPxE6: SPOT,
    spotCarried: false,
    bookOk: i % 40 !== 7,
    bestBidPxE6: bids[0] ?? 0,
    bestAskPxE6: asks[0] ?? 0,
    tickE6: TICK,
    levels: { bids, asks }
  }
}

function encode(record: Depth1s): DataView {
  const view = new DataView(new ArrayBuffer(recordBytes(depth1s, record)))
  encodeRecord(depth1s, record, view, 0)
  return view
}

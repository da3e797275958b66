import { describe, expect, test } from 'vitest'
import { sumSizes } from '../../../../shared/market/index.ts'
import { BookState } from '../bookState.ts'
import { RecordWriter } from '../recordWriter.ts'
import { binanceTape, depth, recordsIn, S, snapshot, type Pair } from '../testTape.ts'
import type { EventWindow } from '../../../../shared/channels/index.ts'
import { BookSignals } from './bookSignals.ts'
import { EventWindows } from './eventWindows.ts'

/** One book that is looked at second by second. */
class Watched {
  readonly w = new RecordWriter()
  readonly windows = new EventWindows(this.w)
  readonly signals = new BookSignals(this.windows)
  readonly state = new BookState(1, 'polymarket', new Uint8Array([65]), 'A', 0)
  second = 0

  /** Bid and ask, each with so many levels of so much size, one tick apart. */
  book(bid: number | undefined, ask: number | undefined, levels = 5, size = 100): this {
    this.state.book.clear()
    for (let i = 0; i < levels; i++) {
      if (bid !== undefined) this.state.book.bids.set(Math.round((bid - i * 0.01) * 1e6), size * 1e6)
      if (ask !== undefined) this.state.book.asks.set(Math.round((ask + i * 0.01) * 1e6), size * 1e6)
    }
    return this
  }

  seconds(n: number, bookOk = true): this {
    for (let i = 0; i < n; i++) {
      this.w.cause(0, this.second, this.second * S)
      this.windows.closeDue(this.second * S)
      const { bids, asks } = this.state.book
      this.signals.observe(this.state, bookOk, sumSizes(bids, 20) + sumSizes(asks, 20))
      this.second++
    }
    return this
  }

  /** Triggers of the windows that were opened. */
  get opened(): string[] {
    return (recordsIn(this.w.bytes, this.w.length) as EventWindow[])
      .filter(({ action }) => action === 'START')
      .map(({ trigger }) => trigger)
  }

  get reasons(): string[] {
    return (recordsIn(this.w.bytes, this.w.length) as EventWindow[]).filter(({ action }) => action === 'START').map(({ text }) => text)
  }
}

describe('mid shock', () => {
  test.each([
    [0.54, 0.55, []],
    [0.54, 0.558, []],
    [0.54, 0.56, ['MID_SHOCK']],
    [0.55, 0.56, ['MID_SHOCK']],
    [0.545, 0.565, ['MID_SHOCK']],
    [0.45, 0.46, ['MID_SHOCK']],
    [0.46, 0.47, []]
  ])('from a mid of 0.505 to %d / %d', (bid, ask, opened) => {
    expect(new Watched().book(0.5, 0.51).seconds(2).book(bid, ask).seconds(1).opened).toEqual(opened)
  })

  test('says from where to where', () => {
    expect(new Watched().book(0.5, 0.51).seconds(1).book(0.6, 0.61).seconds(1).reasons).toEqual([
      'The mid went from 0.505 to 0.605 within a second, by 10 ticks.'
    ])
  })

  test('counts ticks of the market', () => {
    const fine = new Watched()
    fine.state.tickE6 = 1000
    expect(fine.book(0.5, 0.51).seconds(1).book(0.505, 0.515).seconds(1).opened).toEqual(['MID_SHOCK'])
  })

  test('where the tick is far below the price, counts ten-thousandths of it', () => {
    const spot = new Watched()
    expect(spot.book(60_000, 60_000.01).seconds(1).book(60_020, 60_020.01).seconds(1).opened).toEqual([])
    expect(spot.book(60_060, 60_060.01).seconds(1).opened).toEqual(['MID_SHOCK'])
  })

  test('opens no second window while one is open for the market', () => {
    const w = new Watched().book(0.5, 0.51).seconds(1).book(0.6, 0.61).seconds(1).book(0.5, 0.51).seconds(59)
    expect(w.opened).toEqual(['MID_SHOCK'])
    expect(w.seconds(1).book(0.6, 0.61).seconds(1).opened).toEqual(['MID_SHOCK', 'MID_SHOCK'])
  })

  test('needs both mids, one second apart, of a trusted book', () => {
    expect(new Watched().book(0.5, undefined).seconds(1).book(0.6, 0.61).seconds(1).opened).toEqual([])
    expect(new Watched().book(0.5, 0.51).seconds(1).book(0.7, 0.71).seconds(1, false).seconds(1).opened).toEqual([])
    const gap = new Watched().book(0.5, 0.51).seconds(1)
    gap.signals.forget()
    expect(gap.book(0.6, 0.61).seconds(1).opened).toEqual([])
    const gone = new Watched().book(0.5, 0.51).seconds(1)
    gone.signals.absent(gone.state)
    expect(gone.book(0.6, 0.61).seconds(1).opened).toEqual([])
  })
})

describe('spread regime', () => {
  const normal = (): Watched => new Watched().book(0.5, 0.51).seconds(3)
  test.each([
    ['locked', 0.5, 0.505],
    ['locked', 0.5, 0.5],
    ['wide', 0.49, 0.52],
    ['missing a side', undefined, 0.51]
  ] as const)('a spread that is %s for two seconds opens a window, for one it does not', (name, bid, ask) => {
    const once = normal().book(bid, ask).seconds(1)
    expect(once.opened.filter((trigger) => trigger === 'SPREAD_REGIME')).toEqual([])
    const back = normal().book(bid, ask).seconds(1).book(0.5, 0.51).seconds(1).book(bid, ask).seconds(1)
    expect(back.opened.filter((trigger) => trigger === 'SPREAD_REGIME')).toEqual([])
    const twice = once.seconds(1)
    expect(twice.reasons.filter((reason) => reason.startsWith('The spread'))).toEqual([`The spread was normal and is ${name}.`])
    // And back.
    twice.book(0.5, 0.51).seconds(2)
    expect(twice.reasons.filter((reason) => reason.startsWith('The spread')).at(-1)).toBe(`The spread was ${name} and is normal.`)
  })

  test('the first regime is no change, whatever it is', () => {
    expect(new Watched().book(0.1, 0.9).seconds(5).opened).toEqual([])
    expect(new Watched().book(undefined, undefined).seconds(5).opened).toEqual([])
  })

  test('exactly five percent of the mid is wide, half a tick is locked', () => {
    // Spread 0.02 at a mid of 0.4.
    expect(new Watched().book(0.395, 0.405).seconds(1).book(0.39, 0.41).seconds(2).opened).toEqual(['SPREAD_REGIME'])
    expect(new Watched().book(0.495, 0.505).seconds(1).book(0.4951, 0.5039).seconds(2).opened).toEqual([])
  })

  test('a book that is not trusted has no regime', () => {
    expect(normal().book(0.3, 0.7).seconds(5, false).book(0.5, 0.51).seconds(2).opened).toEqual([])
  })
})

describe('depth cliff', () => {
  const cliffs = (w: Watched): string[] => w.reasons.filter((reason) => /^(Sizes|A side)/.test(reason))

  test('fewer than three levels on a side', () => {
    const w = new Watched().book(0.5, 0.51, 3).seconds(1).book(0.5, 0.51, 2).seconds(3)
    expect(cliffs(w)).toEqual(['A side of the book has 2 levels left.'])
  })

  test('a book that always was thin does not fall', () => {
    expect(cliffs(new Watched().book(0.5, 0.51, 2).seconds(100))).toEqual([])
  })

  test('sizes below 35 percent of the median of the last minute', () => {
    expect(cliffs(new Watched().book(0.5, 0.51).seconds(60).book(0.5, 0.51, 5, 35).seconds(1))).toEqual([])
    expect(cliffs(new Watched().book(0.5, 0.51).seconds(60).book(0.5, 0.51, 5, 34).seconds(1))).toEqual([
      'Sizes of the top 20 levels fell to 34% of what they were over the last minute.'
    ])
  })

  test('half a minute is needed to know what is usual', () => {
    expect(cliffs(new Watched().book(0.5, 0.51).seconds(29).book(0.5, 0.51, 5, 1).seconds(1))).toEqual([])
    expect(cliffs(new Watched().book(0.5, 0.51).seconds(30).book(0.5, 0.51, 5, 1).seconds(1))).toHaveLength(1)
  })

  test('fires again only after sizes were above 60 percent and the window is over', () => {
    const w = new Watched().book(0.5, 0.51).seconds(60).book(0.5, 0.51, 5, 30).seconds(1)
    const blip = (size: number, n: number): Watched => w.book(0.5, 0.51, 5, size).seconds(n)
    blip(60, 10)
    blip(30, 1)
    expect(cliffs(w)).toHaveLength(1)
    blip(100, 3)
    blip(30, 1)
    // The window of the first one is still open.
    expect(cliffs(w)).toHaveLength(1)
    blip(100, 60)
    blip(30, 1)
    expect(cliffs(w)).toHaveLength(2)
  })
})

test('a book that returns from a keyframe is looked at as before', () => {
  const script: ((w: Watched) => void)[] = [
    (w) => w.book(0.5, 0.51).seconds(40),
    (w) => w.book(0.5, 0.51, 5, 20).seconds(1),
    (w) => w.book(0.45, 0.47).seconds(1),
    (w) => w.book(0.5, undefined, 2).seconds(2),
    (w) => w.book(0.5, 0.51).seconds(70),
    (w) => w.book(0.6, 0.61, 2, 10).seconds(3)
  ]
  for (let cut = 0; cut < script.length; cut++) {
    const played = new Watched()
    for (const step of script.slice(0, cut)) step(played)
    const sought = new Watched()
    sought.signals.restore(played.signals.save(undefined))
    sought.windows.restore(played.windows.save())
    sought.second = played.second
    const from = played.w.length
    for (const step of script.slice(cut)) {
      step(played)
      step(sought)
    }
    expect(Buffer.from(sought.w.bytes.subarray(0, sought.w.length)).equals(played.w.bytes.subarray(from, played.w.length))).toBe(true)
  }
})

test('what did not change is shared between keyframes', () => {
  const w = new Watched().book(0.5, 0.51).seconds(100)
  const first = w.signals.save(undefined)
  const second = w.seconds(10) && w.signals.save(first)
  expect(second[0]).toBe(first[0])
  expect(w.book(0.5, 0.52).seconds(1).signals.save(second)[0]).not.toBe(first[0])
})

test('the tape looks at every book at the end of each second, and not across a hole', () => {
  const levels = (px: number): Pair[] => Array.from({ length: 4 }, (_, i) => [String(px - i / 100), '5'])
  const asks = (px: number): Pair[] => Array.from({ length: 4 }, (_, i) => [String(px + i / 100), '5'])
  const t = binanceTape()
    .json(depth(1, 1))
    .rest('depth', 'ABC', snapshot(1, levels(10), asks(10.02)))
    .ticksTo(1.5 * S)
  const gone = (px: number): Pair[] => levels(px).map(([price]) => [price, '0'])
  t.json(depth(2, 2, [...levels(10.2)], [...gone(10.05), ...asks(10.22)])).ticksTo(2.5 * S)
  const [start] = t.of('event_window')
  expect(start).toMatchObject({ action: 'START', trigger: 'MID_SHOCK', instrumentId: 1 })
  // Directly behind the snapshot that shows it.
  const records = t.records()
  const at = records.indexOf(records.find((record) => record.ch === 'event_window')!)
  expect(records[at - 1]).toMatchObject({ ch: 'l2_snap_1s', pos: start!.pos - 1 })
})

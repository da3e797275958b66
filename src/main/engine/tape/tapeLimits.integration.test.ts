import { describe, expect, test } from 'vitest'
import { TapeReporter } from '../live/tapeReporter.ts'
import { MAX_PENDING } from './bookState.ts'
import { MAX_INSTRUMENTS } from './instruments.ts'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { S, TestTape } from './testTape.ts'

const A = '111'
const B = '222'
const MARKET = '0xabc'

let stamp = 1_700_000_000_000

function change(price: string, size: string, token = A): object {
  const price_changes = [{ asset_id: token, price, size, side: 'BUY', hash: '', best_bid: '', best_ask: '' }]
  return { market: MARKET, price_changes, timestamp: String(stamp++), event_type: 'price_change' }
}

function book(timestamp: number, bid = '0.4', token = A): object {
  const bids = [{ price: bid, size: '10' }]
  return {
    event_type: 'book',
    asset_id: token,
    market: MARKET,
    timestamp: String(timestamp),
    hash: '',
    bids,
    asks: [{ price: '0.6', size: '10' }]
  }
}

function opened(t: TestTape, tokens: readonly string[], shard = 0): TestTape {
  return t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens }, shard)
}

/** The first change that waits for a full book is one that matters, and it has to go. */
function overflowing(): { t: TestTape; before: number } {
  const t = opened(new TestTape('polymarket'), [A])
  const before = stamp - 1
  t.json(change('0.45', '77'))
  for (let i = 0; i < MAX_PENDING; i++) t.json(change('0.01', String(1 + (i % 9))))
  return { t, before }
}

describe('changes that wait for a full book', () => {
  test('the first one that has to go is an event', () => {
    const { t } = overflowing()
    t.json(change('0.01', '3'))
    expect(t.integrity()).toEqual(['GAP_DETECTED changes_dropped 1'])
    expect(t.tape.books.counts.heldDropped).toBe(2)
  })

  test('a full book that is older than a change that had to go is not trusted, and another one is asked for', () => {
    const { t, before } = overflowing()
    const asked = t.requests.length
    t.rest('book', A, book(before)).json(book(before))
    expect(t.book(A)).toMatchObject({ known: false, ok: false })
    expect(t.requests).toHaveLength(asked + 2)
    t.rest('book', A, book(before + 2, '0.45'))
    expect(t.book(A)).toMatchObject({ known: true, ok: true })
    expect(t.top(A)[0]).toBe(450_000)
  })

  test('the same holds for a book that is being fetched again, until a newer one has come', () => {
    const t = opened(new TestTape('polymarket'), [A]).json(book(stamp++))
    t.note({ note: 'conn_closed', venue: 'polymarket', trigger: 'exception', code: 1006, reason: '' })
    opened(t, [A])
    const before = stamp - 1
    for (let i = 0; i <= MAX_PENDING; i++) t.json(change('0.45', String(1 + (i % 9))))
    t.json(book(before))
    expect(t.book(A)).toMatchObject({ known: true, ok: false, resyncing: true })
    t.json(book(stamp++, '0.44'))
    expect(t.book(A)).toMatchObject({ ok: true, resyncing: false })
    expect(t.integrity()).toEqual(['BOOK_RESYNC_START disconnected 2', 'GAP_DETECTED changes_dropped 2', 'BOOK_RESYNC_DONE none 2'])
  })

  test('a keyframe between the loss and the full book changes nothing', () => {
    const { t, before } = overflowing()
    const other = new TestTape('polymarket')
    restoreKeyframe(other.tape, takeKeyframe(t.tape, undefined), t.tape)
    other.rest('book', A, book(before))
    expect(other.book(A).ok).toBe(false)
  })
})

describe('a message that could not be applied', () => {
  const torn = (t: TestTape, shard = 0): TestTape => t.push(JSON.stringify(change('0.45', '5')).slice(0, -9), undefined, shard)
  const marks = (t: TestTape): Record<string, boolean[]> =>
    Object.fromEntries(
      [A, B].map((token) => [token, t.of('l2_snap_1s').flatMap((snap) => (snap.instrumentId === t.book(token).id ? [snap.bookOk] : []))])
    )

  test('leaves no book of its connection trusted in its second, and those of others are not touched', () => {
    const t = opened(opened(new TestTape('polymarket'), [A]), [B], 1)
    t.json(book(stamp++))
      .json(book(stamp++, '0.4', B), 1)
      .ticksTo(2 * S)
    torn(t).ticksTo(4 * S)
    expect(marks(t)).toEqual({ [A]: [true, true, false, true], [B]: [true, true, true, true] })
    expect(t.of('timeline_1s').map((second) => second.untrustedBooks)).toEqual([0, 0, 1, 0])
  })

  test('the same after a keyframe within that second', () => {
    const t = opened(opened(new TestTape('polymarket'), [A]), [B], 1)
    t.json(book(stamp++))
      .json(book(stamp++, '0.4', B), 1)
      .ticksTo(2 * S)
    torn(t)
    const other = new TestTape('polymarket')
    other.now = t.now
    restoreKeyframe(other.tape, takeKeyframe(t.tape, undefined), t.tape)
    other.ticksTo(4 * S)
    expect(marks(other)).toEqual({ [A]: [false, true], [B]: [true, true] })
  })

  test('an HTTP answer that cannot be read leaves books as they are', () => {
    const t = opened(new TestTape('polymarket'), [A]).json(book(stamp++))
    t.rest('book', A, '<html>').ticksTo(2 * S)
    expect(t.of('l2_snap_1s').map((snap) => snap.bookOk)).toEqual([true, true])
  })
})

describe('the number of instruments', () => {
  const tokens = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `T${from + i}`)
  const quiet = (): TestTape => new TestTape('polymarket', { withoutFingerprint: true })
  const dropped = (t: TestTape): string[] =>
    t.of('integrity').flatMap((event) => (event.kind === 'INSTRUMENTS_DROPPED' ? [event.text] : []))
  const missing = (t: TestTape): string[] => new TapeReporter(t.tape).due(2 * S)!.missing.map((item) => item.key)

  test('instruments that were left make room: runs of weeks lose none', () => {
    const t = quiet()
    for (let day = 0; day < 2; day++) {
      const own = tokens(day * 12_000, 12_000)
      opened(t, own)
      t.json(book(stamp++, '0.4', own.at(-1)))
      expect(t.book(own.at(-1)!)).toMatchObject({ known: true, ok: true })
      t.note({ note: 'unsubscribed', venue: 'polymarket', tokens: own })
    }
    expect(t.tape.books.instruments.all).toHaveLength(24_000)
    expect([dropped(t), missing(t)]).toEqual([[], []])
    const other = quiet()
    restoreKeyframe(other.tape, takeKeyframe(t.tape, undefined), t.tape)
    opened(other, tokens(100_000, 1)).json(book(stamp++, '0.4', 'T100000'))
    expect(other.book('T100000')).toMatchObject({ id: 24_001, ok: true })
  })

  test('tokens beyond the limit are an event, are reported missing, and are taken up as soon as others are left', () => {
    const t = opened(quiet(), tokens(0, MAX_INSTRUMENTS + 3))
    const late = tokens(MAX_INSTRUMENTS, 3)
    expect(dropped(t)).toEqual([expect.stringContaining('3 instruments found no room')])
    expect(missing(t)).toEqual(expect.arrayContaining(late))
    t.json(book(stamp++, '0.4', late[0]))
    t.note({ note: 'unsubscribed', venue: 'polymarket', tokens: ['T0', 'T1'] })
    for (const token of late) t.json(book(stamp++, '0.4', token))
    expect(late.map((token) => t.tape.books.roster.stateOf(token)?.ok)).toEqual([true, true, undefined])
    expect([...t.tape.books.roster.waiting]).toEqual([[late[2], 0]])
  })

  test('messages that name more than the limit without a subscription are told once a second', () => {
    const t = quiet()
    for (const token of tokens(0, MAX_INSTRUMENTS + 2))
      t.frame({ shard: 0, relNs: 0, flags: 1, text: JSON.stringify(book(1, '0.4', token)) })
    expect(t.tape.books.counts.overflow).toBe(2)
    expect(dropped(t)).toHaveLength(1)
    t.frame({ shard: 0, relNs: S, flags: 1, text: JSON.stringify(book(1, '0.4', 'another')) })
    expect(dropped(t)).toHaveLength(2)
  })
})

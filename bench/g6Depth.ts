import type { LevelList } from '../src/main/engine/feeds/index.ts'
import type { BookSide } from '../src/shared/market/index.ts'
import { depthSession, type DepthSession } from './feeds/depthMessages.ts'
import { OurDepth } from './feeds/ourDepth.ts'
import { TardisDepth } from './feeds/tardisDepth.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { interleave, ratesInMillions, ratioOf, same, timed, type Contender } from './measure.ts'

const OURS = 'mapper'
const THEIRS = 'tardis-dev'
const OURS_BOOK = 'mapper and book'
const THEIRS_BOOK = 'tardis-dev and its book'
/** Both books are compared whole after so many updates. */
const BOOK_EVERY = 500

interface Level {
  readonly price: number
  readonly amount: number
}

/** Binance depth updates from bytes to levels, and to a book, against tardis-dev on the same messages. */
export async function g6Depth({ quick }: BenchOptions): Promise<GoalReport> {
  const session = await depthSession(quick)
  const { count } = session.updates
  const checks = checkEqual(session)
  const passes = quick ? 1 : 3
  const contender = (name: string, start: () => { take(i: number): void }, levelsOf: (run: never) => number): Contender => ({
    name,
    run: () =>
      timed(() => {
        for (let pass = 0; pass < passes; pass++) {
          const run = start()
          for (let i = 0; i < count; i++) run.take(i)
          same(`levels of ${name}`, levelsOf(run as never), session.levels)
        }
        return passes * count
      })
  })
  const oursLevels = (run: OurDepth): number => run.sink.levels
  const theirLevels = (run: TardisDepth): number => run.levels
  const rounds = await interleave(
    [
      contender(OURS, () => new OurDepth(session, false), oursLevels),
      contender(THEIRS, () => new TardisDepth(session, false), theirLevels),
      contender(OURS_BOOK, () => new OurDepth(session, true), oursLevels),
      contender(THEIRS_BOOK, () => new TardisDepth(session, true), theirLevels)
    ],
    { rounds: 7, warmUps: 2 }
  )
  const bytes = Math.round(session.updates.bytes.length / count)
  return {
    id: 'G6',
    what: `Binance depth, bytes to levels: ${session.source}, ${count.toLocaleString('en')} updates of ${bytes.toLocaleString('en')} B on average`,
    count: session.levels,
    counted: `levels, equal one by one; ${checks} whole books equal; ${passes} passes a round`,
    findings: [
      { what: 'against tardis-dev parse and map', unit: 'x', figure: ratioOf(rounds, OURS, THEIRS), now: { atLeast: 5 } },
      {
        what: 'with the book, against tardis-dev and its book',
        unit: 'x',
        figure: ratioOf(rounds, OURS_BOOK, THEIRS_BOOK),
        now: { atLeast: 10 }
      }
    ],
    ratesM: ratesInMillions(rounds),
    notes: [
      'both begin with the bytes as received and with the snapshot; its floats are compared as × 1e6 with our integers',
      'keeping the book is most of our time: four changes of five in the recorded session add or remove a level, and move 235 levels of a sorted array on average'
    ]
  }
}

/** Both side by side, every level of every message, and the whole book now and then. @returns books compared */
function checkEqual(session: DepthSession): number {
  const ours = new OurDepth(session, true)
  const theirs = new TardisDepth(session, true)
  let books = 0
  const compareBooks = (where: string): void => {
    sameBook(`bids ${where}`, ours.sink.book!.bids, [...theirs.book!.bids()])
    sameBook(`asks ${where}`, ours.sink.book!.asks, [...theirs.book!.asks()])
    books++
  }
  const compareLevels = (where: string): void => {
    sameLevels(`bids ${where}`, ours.sink.last!.bids, theirs.last!.bids)
    sameLevels(`asks ${where}`, ours.sink.last!.asks, theirs.last!.asks)
  }
  compareLevels('of the snapshot')
  compareBooks('of the snapshot')
  for (let i = 0; i < session.updates.count; i++) {
    ours.take(i)
    theirs.take(i)
    same(`time of update ${i}`, ours.sink.last!.exchTsMs, theirs.last!.timestamp.getTime())
    compareLevels(`of update ${i}`)
    if (i % BOOK_EVERY === 0 || i === session.updates.count - 1) compareBooks(`after update ${i}`)
  }
  same('updates read by JSON.parse', ours.mapper.fallbacks, 0)
  same('levels read', ours.sink.levels, session.levels)
  return books
}

function sameLevels(what: string, ours: LevelList, theirs: readonly Level[]): void {
  same(`number of ${what}`, ours.count, theirs.length)
  theirs.forEach(({ price, amount }, i) => {
    same(`price ${i} of ${what}`, ours.values[2 * i], Math.round(price * 1e6))
    same(`size ${i} of ${what}`, ours.values[2 * i + 1], Math.round(amount * 1e6))
  })
}

function sameBook(what: string, ours: BookSide, theirs: readonly Level[]): void {
  same(`number of ${what}`, ours.count, theirs.length)
  theirs.forEach(({ price, amount }, rank) => {
    same(`price ${rank} of ${what}`, ours.pxAt(rank), Math.round(price * 1e6))
    same(`size ${rank} of ${what}`, ours.sizeAt(rank), Math.round(amount * 1e6))
  })
}

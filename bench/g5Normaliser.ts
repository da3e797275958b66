import { readPolymarketRecording } from '../src/main/engine/practice/index.ts'
import { OUTCOME, PolymarketMapper } from '../src/main/engine/feeds/index.ts'
import { BookNormaliser, EventBatch, MarketTable } from '../src/main/engine/runtime/index.ts'
import { realDataPath } from '../src/main/engine/testing/realData.ts'
import { FieldCheck } from './feeds/fieldCheck.ts'
import { pack, textOf, type PackedMessages } from './feeds/packedMessages.ts'
import { JsonReader } from './feeds/polymarketJson.ts'
import { ODD, PolymarketTexts } from './feeds/polymarketTexts.ts'
import { RowSink } from './feeds/rowSink.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { interleave, ratesInMillions, ratioOf, same, timed, type Contender } from './measure.ts'

/** Of processor time: a slow machine compares fewer messages, and the report says how many. */
const CHECK_SECONDS = 60
const CHUNK = 2000
const CHANGES = 'changes'
const CHANGES_JSON = 'changes JSON'
const NUMBERED = 'changes, token numbered'
const NUMBERED_JSON = 'changes, token numbered, JSON'
const BOOKS_EVERY = 6
const ODD_EVERY = 20

/** Polymarket messages from bytes to numbers, against JSON.parse and Number() on the same bytes. */
export async function g5Normaliser({ quick, say }: BenchOptions): Promise<GoalReport> {
  const checked = await checkFields(quick ? 60_000 : 2_400_000)
  say(checked.text)
  const texts = new PolymarketTexts(41)
  const changes = pack(Array.from({ length: quick ? 2000 : 20_000 }, () => texts.change()))
  const books = pack(Array.from({ length: quick ? 500 : 5000 }, () => texts.book()))
  const rounds = await interleave(changeContenders(changes, quick ? 2 : 10), { rounds: 7, warmUps: 2 })
  const bookRounds = await interleave(bookContenders(books, quick ? 2 : 10), { rounds: 7, warmUps: 2 })
  const bytesOf = ({ bytes, count }: PackedMessages): string => `${Math.round(bytes.length / count).toLocaleString('en')} B`
  return {
    id: 'G5',
    what: `Normaliser: price changes of ${bytesOf(changes)} with 2 changes, books of ${bytesOf(books)} with 20 + 20 levels, from bytes to numbers`,
    count: checked.messages,
    counted: checked.text,
    findings: [
      {
        what: 'price_change, against JSON.parse and Number()',
        unit: 'x',
        figure: ratioOf(rounds, CHANGES, CHANGES_JSON),
        now: { atLeast: 4 }
      },
      { what: 'price_change, and the number of its token looked up', unit: 'x', figure: ratioOf(rounds, NUMBERED, NUMBERED_JSON) },
      {
        what: 'book, best levels, against the same of JSON.parse',
        unit: 'x',
        figure: ratioOf(bookRounds, 'best levels', 'best levels JSON'),
        now: { atLeast: 8 }
      },
      {
        what: 'book, all 40 levels, against JSON.parse, Number()',
        unit: 'x',
        figure: ratioOf(bookRounds, 'all levels', 'all levels JSON'),
        now: { atLeast: 8 }
      }
    ],
    ratesM: { ...ratesInMillions(rounds), ...ratesInMillions(bookRounds) },
    notes: [
      ...checked.notes,
      'every byte of a book is checked to be JSON before it is believed, which the 13x of a bare byte scan did without',
      'the peer takes the best level at its word that it stands last; the normaliser looks at five levels a side before it does',
      'a change read by us names its token as a range of bytes, by the peer as a string; looked up by those, ours compares 77 bytes in a table, which costs more than half of the reading again'
    ]
  }
}

function changeContenders(changes: PackedMessages, passes: number): Contender[] {
  const jsonChanges = (numbered: boolean) => () =>
    timed(() => {
      const reader = new JsonReader(numbered)
      eachText(changes, passes, (text) => reader.change(text))
      same('changes read', reader.changes.count, 2 * passes * changes.count)
      return reader.changes.count / 2
    })
  return [
    { name: CHANGES, run: () => timed(() => mapAll(changes, passes, false).changes.count / 2) },
    { name: CHANGES_JSON, run: jsonChanges(false) },
    { name: NUMBERED, run: () => timed(() => mapAll(changes, passes, true).changes.count / 2) },
    { name: NUMBERED_JSON, run: jsonChanges(true) }
  ]
}

function bookContenders(books: PackedMessages, passes: number): Contender[] {
  const jsonBooks = (read: (reader: JsonReader, text: string) => void, levels: number) => () =>
    timed(() => {
      const reader = new JsonReader(true)
      eachText(books, passes, (text) => read(reader, text))
      same('levels read', reader.levelCount, levels * reader.books)
      return reader.books
    })
  return [
    { name: 'best levels', run: () => timed(() => normaliseAll(books, passes)) },
    { name: 'best levels JSON', run: jsonBooks((reader, text) => reader.bestOfBook(text), 0) },
    {
      name: 'all levels',
      run: () =>
        timed(() => {
          const sink = mapAll(books, passes, true)
          same('levels mapped', sink.levelCount, 40 * sink.books)
          return sink.books
        })
    },
    { name: 'all levels JSON', run: jsonBooks((reader, text) => reader.book(text), 40) }
  ]
}

function mapAll({ bytes, from, to, count }: PackedMessages, passes: number, numbered: boolean): RowSink {
  const sink = new RowSink(numbered)
  const mapper = new PolymarketMapper()
  for (let pass = 0; pass < passes; pass++)
    for (let i = 0; i < count; i++)
      if (mapper.map(bytes, from[i]!, to[i]!, sink) !== OUTCOME.decoded) throw new Error(`message ${i} was not taken`)
  same('messages read by JSON.parse', mapper.fallbacks, 0)
  return sink
}

function normaliseAll({ bytes, from, to, count }: PackedMessages, passes: number): number {
  const normaliser = new BookNormaliser(new MarketTable())
  const batch = new EventBatch(16)
  let events = 0
  for (let pass = 0; pass < passes; pass++)
    for (let i = 0; i < count; i++) {
      batch.count = 0
      if (normaliser.decode(bytes, from[i]!, to[i]!)) normaliser.normalise(i, batch)
      events += batch.count
    }
  same('messages read by JSON.parse', normaliser.counts.fallbacks, 0)
  return events
}

function eachText(packed: PackedMessages, passes: number, read: (text: string) => void): void {
  for (let pass = 0; pass < passes; pass++) for (let i = 0; i < packed.count; i++) read(textOf(packed, i))
}

interface Checked {
  readonly messages: number
  readonly text: string
  readonly notes: readonly string[]
}

/** Every field of generated and of real messages, ours and that of JSON.parse. */
async function checkFields(target: number): Promise<Checked> {
  const texts = new PolymarketTexts(7)
  const usual = new FieldCheck()
  const odd = new FieldCheck()
  const begun = process.cpuUsage()
  while (usual.messages + odd.messages < target && process.cpuUsage(begun).user < CHECK_SECONDS * 1e6) {
    const chunk = Array.from({ length: CHUNK }, (_, i) => (i % BOOKS_EVERY === 0 ? texts.book() : texts.change()))
    usual.check(pack(chunk))
    odd.check(pack(chunk.filter((_, i) => i % ODD_EVERY === 0).map((text, i) => texts.odd(text, ODD[i % ODD.length]!))))
  }
  same(
    'usual messages that were not taken or left to JSON.parse',
    usual.malformed + usual.rejected + usual.mapper.fallbacks + usual.normaliser.counts.fallbacks,
    0
  )
  const real = new FieldCheck()
  const recording = realDataPath('polymarket/ws_capture_3markets_2026-09-27.ndjson')
  if (recording !== undefined) for await (const { text } of readPolymarketRecording(recording)) real.check(pack([text]))
  const n = (value: number): string => value.toLocaleString('en')
  const messages = usual.messages + odd.messages + real.messages
  return {
    messages,
    text: `messages equal field for field (${n(usual.told + odd.told + real.told)} changes and books, ${n(usual.events + odd.events + real.events)} events); ${n(real.messages)} of them real`,
    notes: [
      `${n(odd.messages)} odd ones (${ODD.join(', ')}): ${n(odd.mapper.fallbacks)} left to JSON.parse, ${n(odd.malformed)} not JSON, ${n(odd.rejected)} rejected, the others read field by field; of all usual and real ones ${n(usual.mapper.fallbacks + real.mapper.fallbacks)} left to JSON.parse`
    ]
  }
}

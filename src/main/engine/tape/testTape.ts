import {
  AT_LENGTH,
  AT_WIRE_ID,
  CHANNELS,
  decodeRecord,
  type Channel,
  type Integrity,
  type TapeRecord
} from '../../../shared/channels/index.ts'
import { FLAG_NOTE, FLAG_REST, FLAG_TEXT } from '../bundle/index.ts'
import type { BookState, Venue } from './bookState.ts'
import { Tape, type TapeOptions } from './tape.ts'

export const ORIGIN = 1_700_000_000_000_000_000n
export const MS = 1e6
export const S = 1e9

/** A frame as a test writes it down. */
export interface TestFrame {
  readonly shard: number
  readonly relNs: number
  readonly flags: number
  readonly text: string
  readonly wallRelNs?: number
}

export const byWireId: ReadonlyMap<number, Channel> = new Map(CHANNELS.map((channel) => [channel.wireId, channel]))

/** Records in bytes [0, length), decoded. */
export function recordsIn(bytes: Uint8Array, length = bytes.length): TapeRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const out: TapeRecord[] = []
  for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true)) {
    out.push(decodeRecord(byWireId.get(view.getUint8(at + AT_WIRE_ID))!, view, at) as TapeRecord)
  }
  return out
}

/** For tests: a tape with a list of the frames that it was given and of the records that came out. */
export class TestTape {
  readonly tape: Tape
  readonly frames: TestFrame[] = []
  readonly bytes: Uint8Array[] = []
  readonly viewBytes: Uint8Array[] = []
  readonly requests: string[] = []
  /** Receive time of the next frame, ns since the origin; moves on by 1 ms a frame. */
  now = 0
  readonly #next = new Map<number, number>()

  constructor(venue: Venue, options: Partial<TapeOptions> = {}) {
    this.tape = new Tape({
      runId: 'test',
      venue,
      originTsNs: ORIGIN,
      request: (state: BookState) => this.requests.push(state.tokenId),
      onRecords: (bytes, length) => this.bytes.push(bytes.slice(0, length)),
      onView: (bytes, length) => this.viewBytes.push(bytes.slice(0, length)),
      ...options
    })
  }

  push(text: string, flags = FLAG_TEXT, shard = 0, wallRelNs = this.now): this {
    return this.frame({ shard, relNs: this.now, flags, text, wallRelNs })
  }

  frame(frame: TestFrame): this {
    this.frames.push(frame)
    const payload = Buffer.from(frame.text)
    const idx = this.#next.get(frame.shard) ?? 0
    this.#next.set(frame.shard, idx + 1)
    const cursor = {
      shard: frame.shard,
      idx,
      monoRelNs: frame.relNs,
      wallRelNs: frame.wallRelNs ?? frame.relNs,
      flags: frame.flags,
      crc: 7,
      payloadBuffer: payload,
      payloadStart: 0,
      payloadEnd: payload.length
    }
    this.tape.push(cursor)
    this.now = Math.max(this.now, frame.relNs) + MS
    return this
  }

  json(value: object, shard = 0): this {
    return this.push(JSON.stringify(value), FLAG_TEXT, shard)
  }

  note(value: object, shard = 0): this {
    return this.push(JSON.stringify(value), FLAG_TEXT | FLAG_NOTE, shard)
  }

  rest(kind: string, key: string, body: object | string, shard = 0): this {
    this.note({ note: 'rest', kind, key, url: '', status: 200, body: true }, shard)
    return this.push(typeof body === 'string' ? body : JSON.stringify(body), FLAG_TEXT | FLAG_REST, shard)
  }

  /** Signs of life, four a second, up to this time. */
  ticksTo(relNs: number): this {
    while (this.now < relNs) {
      this.now = Math.min(relNs, this.now + 250 * MS)
      this.note({ note: 'tick' })
    }
    return this
  }

  records(): TapeRecord[] {
    this.tape.drain()
    return this.bytes.flatMap((bytes) => recordsIn(bytes))
  }

  view(): TapeRecord[] {
    this.tape.drain()
    return this.viewBytes.flatMap((bytes) => recordsIn(bytes))
  }

  of<N extends TapeRecord['ch']>(ch: N): Extract<TapeRecord, { ch: N }>[] {
    return [...this.records(), ...this.view()].filter((record): record is Extract<TapeRecord, { ch: N }> => record.ch === ch)
  }

  /** Integrity events as `KIND reason epoch`, those of connections left out. */
  integrity(): string[] {
    return this.of('integrity')
      .filter((event: Integrity) => !event.kind.startsWith('FEED_'))
      .map((event: Integrity) => `${event.kind} ${event.reason} ${event.resyncEpochId}`)
  }

  book(key: string): BookState {
    const found = this.tape.books.instruments.all.find((state) => state.tokenId === key)
    if (found === undefined) throw new Error(`no instrument ${key}`)
    return found
  }

  /** Best bid and ask, × 1e6. */
  top(key: string): (number | undefined)[] {
    const { bids, asks } = this.book(key).book
    return [bids.pxAt(0), asks.pxAt(0)]
  }
}

export type Pair = readonly [string, string]

export function depth(U: number, u: number, b: readonly Pair[] = [], a: readonly Pair[] = [], s = 'ABC'): object {
  return { stream: `${s.toLowerCase()}@depth@100ms`, data: { e: 'depthUpdate', E: 1_700_000_000_000, s, U, u, b, a } }
}

export function snapshot(lastUpdateId: number, bids: readonly Pair[] = [['10', '1']], asks: readonly Pair[] = [['11', '1']]): object {
  return { lastUpdateId, bids, asks }
}

/** A Binance tape with one connection that listens to these symbols. */
export function binanceTape(symbols: readonly string[] = ['ABC'], options: Partial<TapeOptions> = {}): TestTape {
  const streams = symbols.flatMap((symbol) => [`${symbol.toLowerCase()}@depth@100ms`, `${symbol.toLowerCase()}@trade`])
  return new TestTape('binance', options).note({ note: 'conn_open', venue: 'binance', url: '', streams })
}

/** The same, with a book that is in step at update 10. */
export function binanceInStep(options: Partial<TapeOptions> = {}): TestTape {
  return binanceTape(['ABC'], options).json(depth(9, 10)).rest('depth', 'ABC', snapshot(10))
}

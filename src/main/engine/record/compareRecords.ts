import { AT_LENGTH, AT_WIRE_ID, CHANNELS, decodeHeader, type RecordHeader } from '../../../shared/channels/index.ts'
import { compareLines } from './journalReader.ts'

/** Neighbours that differ in the same way are one stretch when no more time lies between them. */
const JOIN_NS = 1e9
const MAX_STRETCHES = 1000

/** Where two recordings of a run differ: events of one channel, from the first to the last of them (receive times, ns since the run's origin). */
export interface Difference {
  readonly channel: string
  /** missing: only derived anew. extra: only recorded. different: both, with other values. */
  readonly kind: 'missing' | 'extra' | 'different'
  readonly from_t: number
  to_t: number
  count: number
}

export interface RecordsDiffer {
  readonly same: number
  /** By channel, only those with differences. */
  readonly counts: Readonly<Record<string, Readonly<Record<Difference['kind'], number>>>>
  /** In order of time; at most 1,000, further ones are in `counts` only. */
  readonly differences: readonly Difference[]
}

/** Compares what was recorded with what is derived anew; both in the order of the tape. Memory is bounded by a batch of each. */
export async function compareRecords(recorded: AsyncIterable<Uint8Array>, derived: AsyncIterable<Uint8Array>): Promise<RecordsDiffer> {
  const ours = new RecordStream(recorded)
  const theirs = new RecordStream(derived)
  const found = new Findings()
  await ours.fill()
  await theirs.fill()
  while (ours.head !== undefined || theirs.head !== undefined) {
    const order = orderOf(ours.head, theirs.head)
    if (order < 0) found.add('extra', ours)
    else if (order > 0) found.add('missing', theirs)
    else if (isEqual(ours, theirs)) found.same++
    else found.add('different', theirs)
    if (order <= 0 && !ours.step()) await ours.fill()
    if (order >= 0 && !theirs.step()) await theirs.fill()
  }
  return found
}

function orderOf(a: RecordHeader | undefined, b: RecordHeader | undefined): number {
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1
  return compareLines(a, b)
}

function isEqual(a: RecordStream, b: RecordStream): boolean {
  return Buffer.compare(a.bytes.subarray(a.start, a.end), b.bytes.subarray(b.start, b.end)) === 0
}

/** Records one after another. */
class RecordStream {
  head: RecordHeader | undefined
  bytes = new Uint8Array(0)
  start = 0
  end = 0
  readonly #source: AsyncIterator<Uint8Array>
  #view = new DataView(new ArrayBuffer(0))

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  get wireId(): number {
    return this.#view.getUint8(this.start + AT_WIRE_ID)
  }

  /** @returns false when more must be read first */
  step(): boolean {
    this.start = this.end
    if (this.start >= this.bytes.length) return false
    this.end = this.start + this.#view.getUint32(this.start + AT_LENGTH, true)
    this.head = decodeHeader(this.#view, this.start)
    return true
  }

  async fill(): Promise<void> {
    do {
      const next = await this.#source.next()
      this.head = undefined
      if (next.done === true) return
      this.bytes = next.value as Uint8Array<ArrayBuffer>
      this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
      this.end = 0
    } while (!this.step())
  }
}

class Findings implements RecordsDiffer {
  same = 0
  readonly counts: Record<string, Record<Difference['kind'], number>> = {}
  readonly differences: Difference[] = []
  readonly #last = new Map<string, Difference>()

  add(kind: Difference['kind'], { wireId, head }: RecordStream): void {
    const channel = CHANNELS.find((one) => one.wireId === wireId)?.name ?? `unknown_${wireId}`
    const relNs = head?.recvRelNs ?? 0
    const counts = (this.counts[channel] ??= { missing: 0, extra: 0, different: 0 })
    counts[kind]++
    const key = `${channel} ${kind}`
    const last = this.#last.get(key)
    if (last !== undefined && relNs - last.to_t <= JOIN_NS) {
      last.to_t = relNs
      last.count++
      return
    }
    const fresh: Difference = { channel, kind, from_t: relNs, to_t: relNs, count: 1 }
    this.#last.set(key, fresh)
    if (this.differences.length < MAX_STRETCHES) this.differences.push(fresh)
  }
}

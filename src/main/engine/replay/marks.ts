import { deserialize, serialize } from 'node:v8'
import type { RecordedState } from '../record/index.ts'
import type { Keyframe } from '../tape/index.ts'
import { firstAbove } from './firstAbove.ts'
import type { Positions } from './mergedFrames.ts'
import { ScratchFile, type ScratchSpan } from './scratchFile.ts'

/** What the states of marks may take in memory. */
const MAX_HELD_BYTES = 128 * 1024 * 1024
/** Marks that were read back and are wanted again at once: a seek needs the same one several times. */
const READ_BACK = 2
/** Books that lie so near each other in the file are read together. */
const GAP_BYTES = 64 * 1024

/** A state of the tape to go on from. */
export interface Mark {
  readonly keyframe: Keyframe
  readonly positions: Positions
  /** As kept by `LatestEvents`. */
  readonly latest: Float64Array
  /** Of the sum over what a journal keeps; undefined where that is not known. */
  readonly recorded: RecordedState | undefined
}

/** What stays in memory of a mark that was put aside: the running sums cannot be written down. */
interface PutAside {
  readonly fingerprint: Keyframe['fingerprint']
  readonly recorded: RecordedState | undefined
  readonly body: ScratchSpan
}

/** What is written of a mark. Books that do not change are written once, however many marks share them. */
interface Body {
  readonly keyframe: Omit<Keyframe, 'fingerprint' | 'books' | 'signals'>
  readonly positions: Positions
  readonly latest: Float64Array
  readonly books: readonly ScratchSpan[]
  readonly signals: readonly (ScratchSpan | undefined)[]
}

type Kept = { readonly mark: Mark } | PutAside

/**
 * Marks of a run, ascending in time, as many as there are: the newer ones in memory within a limit, the older ones in a temporary file.
 * When that file cannot be written, every second of those in memory goes: a seek then plays more frames and gives the same. The newest mark
 * always stays, and the first one.
 */
export class Marks {
  readonly #maxHeldBytes: number
  readonly #kept: Kept[] = []
  readonly #timesRelNs: number[] = []
  /** Of the marks in memory: those from here on. */
  #firstHeld = 0
  /** By mark: what its state takes beyond what it shares with the one before it, at most. */
  readonly #ownBytes: number[] = []
  /** What the marks in memory take, the first of them with everything that it shares with older ones. */
  #heldBytes = 0
  #file: ScratchFile | undefined
  #fileFailed = false
  #places = new WeakMap<object, ScratchSpan>()
  readonly #readBack = new Map<number, Mark>()

  constructor(maxHeldBytes = MAX_HELD_BYTES) {
    this.#maxHeldBytes = maxHeldBytes
  }

  get length(): number {
    return this.#kept.length
  }

  /** What the states in memory take, about. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Marks whose states are in the temporary file. */
  get putAside(): number {
    return this.#firstHeld
  }

  /** The newest mark; it is always in memory. */
  get newest(): Mark | undefined {
    const last = this.#kept.at(-1)
    return last !== undefined && 'mark' in last ? last.mark : undefined
  }

  push(mark: Mark): void {
    this.#kept.push({ mark })
    this.#timesRelNs.push(mark.keyframe.recvRelNs)
    this.#ownBytes.push(mark.keyframe.bytes)
    this.#heldBytes += this.length - 1 === this.#firstHeld ? mark.keyframe.wholeBytes : mark.keyframe.bytes
    while (this.#heldBytes > this.#maxHeldBytes && this.#firstHeld < this.length - 1) {
      if (!this.#fileFailed) this.#putAsideOldest()
      else if (!this.#thin()) return
    }
  }

  /** Number of the last mark at or before a time; that of the first one when there is none. */
  at(relNs: number): number {
    return Math.max(0, firstAbove(this.#timesRelNs, relNs) - 1)
  }

  timeOf(n: number): number {
    return this.#timesRelNs[n]!
  }

  /** @throws when there is no such mark */
  get(n: number): Mark {
    const kept = this.#kept[n]
    if (kept === undefined) throw new Error('broken promise: a run has a mark before its first frame')
    if ('mark' in kept) return kept.mark
    const mark = this.#readBack.get(n) ?? this.#read(kept)
    this.#readBack.delete(n)
    this.#readBack.set(n, mark)
    if (this.#readBack.size > READ_BACK) this.#readBack.delete(this.#readBack.keys().next().value!)
    return mark
  }

  /** Trades of an instrument before a mark. */
  tradesAt(n: number, instrumentId: number): number {
    const kept = this.#kept[n]!
    if ('mark' in kept) return kept.mark.keyframe.books[instrumentId - 1]?.fields.trades ?? 0
    const place = this.#bodyOf(kept).books[instrumentId - 1]
    return place === undefined ? 0 : ((this.#readObject(place) as Keyframe['books'][number]).fields.trades ?? 0)
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
    this.#kept.length = this.#timesRelNs.length = this.#ownBytes.length = 0
    this.#firstHeld = this.#heldBytes = 0
    this.#readBack.clear()
  }

  #putAsideOldest(): void {
    const { mark } = this.#kept[this.#firstHeld] as { mark: Mark }
    const { fingerprint, books, signals, ...keyframe } = mark.keyframe
    try {
      const file = (this.#file ??= new ScratchFile('marks'))
      const placeOf = (part: object): ScratchSpan => {
        const known = this.#places.get(part)
        if (known !== undefined) return known
        const place = file.append(serialize(part))
        this.#places.set(part, place)
        return place
      }
      const body: Body = {
        keyframe,
        positions: mark.positions,
        latest: mark.latest,
        books: books.map(placeOf),
        signals: signals.map((part) => (part === undefined ? undefined : placeOf(part)))
      }
      this.#kept[this.#firstHeld] = { fingerprint, recorded: mark.recorded, body: file.append(serialize(body)) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
      this.#fileFailed = true
      return
    }
    this.#firstHeld++
    this.#countHeld()
  }

  /** The first of those in memory stays, and the newest one. @returns false when no other is left */
  #thin(): boolean {
    const first = this.#firstHeld
    const newest = this.length - 1
    if (newest - first < 2) return false
    for (let n = newest - 1; n > first; n--) {
      if ((n - first) % 2 === 0) continue
      // What it brought may live on in the one behind it.
      const { keyframe } = (this.#kept[n + 1] as { readonly mark: Mark }).mark
      this.#ownBytes[n + 1] = Math.min(keyframe.wholeBytes, this.#ownBytes[n + 1]! + this.#ownBytes[n]!)
      for (const list of [this.#kept, this.#timesRelNs, this.#ownBytes]) list.splice(n, 1)
    }
    this.#countHeld()
    return true
  }

  #countHeld(): void {
    const { mark } = this.#kept[this.#firstHeld] as { readonly mark: Mark }
    this.#heldBytes = mark.keyframe.wholeBytes
    for (let n = this.#firstHeld + 1; n < this.length; n++) this.#heldBytes += this.#ownBytes[n]!
  }

  #bodyOf({ body }: PutAside): Body {
    return this.#readObject(body) as Body
  }

  #readObject(place: ScratchSpan): unknown {
    return deserialize(this.#file!.read(place))
  }

  #read(kept: PutAside): Mark {
    const { fingerprint, recorded } = kept
    const { keyframe, positions, latest, ...places } = this.#bodyOf(kept)
    const parts = this.#readAll([...places.books, ...places.signals.filter((place) => place !== undefined)])
    const partAt = (place: ScratchSpan): never => parts.get(place.offset) as never
    const books: Keyframe['books'] = places.books.map(partAt)
    const signals: Keyframe['signals'] = places.signals.map((place) => (place === undefined ? undefined : partAt(place)))
    return { keyframe: { ...keyframe, fingerprint, books, signals }, positions, latest, recorded }
  }

  /** @returns what was written at these places, by offset */
  #readAll(places: readonly ScratchSpan[]): Map<number, unknown> {
    const parts = new Map<number, unknown>()
    const sorted = places.toSorted((a, b) => a.offset - b.offset)
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      const { offset } = sorted[from]!
      let end = offset
      for (; to < sorted.length && sorted[to]!.offset - end <= GAP_BYTES; to++) end = sorted[to]!.offset + sorted[to]!.bytes
      const bytes = this.#file!.read({ offset, bytes: end - offset })
      for (const place of sorted.slice(from, to)) {
        const at = place.offset - offset
        parts.set(place.offset, deserialize(bytes.subarray(at, at + place.bytes)))
      }
    }
    return parts
  }
}

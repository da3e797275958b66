import { createHash } from 'node:crypto'
import { AT_LENGTH, AT_WIRE_ID, CHANNELS, health, type ChannelName } from '../../../../shared/channels/index.ts'
import { Fingerprint } from '../../tape/index.ts'

type Saved = readonly (ReturnType<Fingerprint['save']> | undefined)[]

export interface DayFingerprintState {
  readonly runs: Saved
  readonly health: number
}

/**
 * SHA-256 over recorded events. For one run it is made like the recorded fingerprint of a bundle, so that a day which holds the whole of a run
 * gives that very number; for several it is taken over those of the runs that had events, in their order. `health` is counted and left out of it.
 */
export class DayFingerprint {
  readonly #runs: readonly { readonly runId: string; readonly originTsNs: bigint }[]
  #prints: (Fingerprint | undefined)[]
  #health = 0

  /** @param runs in the order of their numbers */
  constructor(runs: readonly { readonly runId: string; readonly originTsNs: bigint }[]) {
    this.#runs = runs
    this.#prints = runs.map(() => undefined)
  }

  /** Takes whole records of a run, as recorded. */
  update(run: number, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let from = 0
    for (let at = 0; at < bytes.length;) {
      const end = at + view.getUint32(at + AT_LENGTH, true)
      if (view.getUint8(at + AT_WIRE_ID) === health.wireId) {
        this.#health++
        this.#take(run, bytes, from, at)
        from = end
      }
      at = end
    }
    this.#take(run, bytes, from, bytes.length)
  }

  digest(): string {
    const there = this.#prints.flatMap((print, n) => (print === undefined ? [] : [{ print, runId: this.#runs[n]!.runId }]))
    if (this.#runs.length === 1 || there.length === 1)
      return this.#print(there.length === 0 ? 0 : this.#prints.indexOf(there[0]!.print)).digest()
    const hash = createHash('sha256').update('tapedeck day 1\n')
    for (const { print, runId } of there) hash.update(`${runId} ${print.digest()}\n`)
    return hash.digest('hex')
  }

  /** Events without those of `health`. */
  get events(): number {
    return this.#prints.reduce((sum, print) => sum + (print?.events ?? 0), 0)
  }

  counts(): Partial<Record<ChannelName, number>> {
    const counts: Partial<Record<ChannelName, number>> = {}
    for (const { name, wireId } of CHANNELS) {
      const n = wireId === health.wireId ? this.#health : this.#prints.reduce((sum, print) => sum + (print?.counts[wireId] ?? 0), 0)
      if (n > 0) counts[name] = n
    }
    return counts
  }

  save(): DayFingerprintState {
    return { runs: this.#prints.map((print) => print?.save()), health: this.#health }
  }

  restore({ runs, health: count }: DayFingerprintState): void {
    this.#health = count
    this.#prints = runs.map((saved, n) => {
      if (saved === undefined) return undefined
      const print = this.#new(n)
      print.restore(saved)
      return print
    })
  }

  #take(run: number, bytes: Uint8Array, from: number, to: number): void {
    if (to > from) this.#print(run).update(bytes.subarray(from, to), to - from)
  }

  #print(run: number): Fingerprint {
    return (this.#prints[run] ??= this.#new(run))
  }

  #new(run: number): Fingerprint {
    const { runId, originTsNs } = this.#runs[run]!
    return new Fingerprint(runId, originTsNs)
  }
}

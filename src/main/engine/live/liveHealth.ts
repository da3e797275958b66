import type { HealthSource } from '../replay/index.ts'

/** Heartbeats of a running recording that can be looked back at: those of the last hour at the usual pace. */
const KEPT = 3600
/** What a screen that was away gets of them at most, the newest. */
const MAX_CATCH_UP_BYTES = 2 * 1024 * 1024

/** Heartbeats of a running recording, newest last. */
export class LiveHealth {
  readonly #kept: { readonly relNs: number; readonly record: Uint8Array }[] = []
  #dropped = 0
  /** So many of all heartbeats were taken for the screen. */
  #taken = 0

  add(relNs: number, record: Uint8Array): void {
    this.#kept.push({ relNs, record })
    if (this.#kept.length <= KEPT) return
    this.#kept.shift()
    this.#dropped++
  }

  /** For the screen: the heartbeats that it was not sent yet, so that its gates miss little of a time that it spent in the past. */
  takeUnsent(): Uint8Array {
    const least = Math.max(0, this.#taken - this.#dropped)
    let from = this.#kept.length
    for (let bytes = 0; from > least; from--) {
      bytes += this.#kept[from - 1]!.record.length
      if (bytes > MAX_CATCH_UP_BYTES) break
    }
    this.#taken = this.#dropped + this.#kept.length
    return Buffer.concat(this.#kept.slice(from).map(({ record }) => record))
  }

  /** A reader of its own, which meets later ones too. */
  reader(): HealthSource {
    const kept = this.#kept
    // Counted from the first heartbeat of the run: what is dropped in front does not move it.
    let next = 0
    const place = (): number => Math.max(0, next - this.#dropped)
    return {
      until: (relNs) => {
        const parts: Uint8Array[] = []
        for (let i = place(); i < kept.length && kept[i]!.relNs <= relNs; i++) {
          parts.push(kept[i]!.record)
          next = this.#dropped + i + 1
        }
        return Buffer.concat(parts)
      },
      seek: (relNs) => {
        const after = kept.findIndex((item) => item.relNs > relNs)
        next = this.#dropped + Math.max(0, (after < 0 ? kept.length : after) - 1)
      }
    }
  }
}

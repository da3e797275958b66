import type { HealthSource } from '../replay/index.ts'

/** Heartbeats of a running recording that can be looked back at: those of the last hour at the usual pace. */
const KEPT = 3600

/** Heartbeats of a running recording, newest last. */
export class LiveHealth {
  readonly #kept: { readonly relNs: number; readonly record: Uint8Array }[] = []
  #dropped = 0

  add(relNs: number, record: Uint8Array): void {
    this.#kept.push({ relNs, record })
    if (this.#kept.length <= KEPT) return
    this.#kept.shift()
    this.#dropped++
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

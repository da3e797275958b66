const SIZE = 16

/** A DataView per buffer for the few buffers whose records come in turns, one for each shard. Making one anew costs more than reading a message. */
export class ViewCache {
  readonly #buffers: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(SIZE).fill(undefined)
  readonly #views: DataView[] = []
  #next = 0

  of(buffer: Uint8Array): DataView {
    for (let i = 0; i < SIZE; i++) if (this.#buffers[i] === buffer) return this.#views[i]!
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    this.#buffers[this.#next] = buffer
    this.#views[this.#next] = view
    this.#next = (this.#next + 1) % SIZE
    return view
  }
}

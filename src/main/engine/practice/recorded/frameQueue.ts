const BATCH = 512

/** Reads ahead of a player in batches, so that most looks at the next item need no waiting. */
export class FrameQueue<T> {
  readonly #open: () => AsyncIterable<T>
  #iterator: AsyncIterator<T> | undefined
  #items: T[] = []
  #at = 0
  #ended = false

  constructor(open: () => AsyncIterable<T>) {
    this.#open = open
  }

  /** @returns the next item without taking it, undefined at the end */
  peek(): T | undefined | Promise<T | undefined> {
    if (this.#at < this.#items.length) return this.#items[this.#at]
    return this.#ended ? undefined : this.#read()
  }

  /** Takes the item that `peek` showed. */
  take(): T {
    return this.#items[this.#at++]!
  }

  async rewind(): Promise<void> {
    await this.close()
    this.#items = []
    this.#at = 0
    this.#ended = false
  }

  async close(): Promise<void> {
    this.#ended = true
    const iterator = this.#iterator
    this.#iterator = undefined
    await iterator?.return?.()
  }

  async #read(): Promise<T | undefined> {
    this.#iterator ??= this.#open()[Symbol.asyncIterator]()
    const items: T[] = []
    while (items.length < BATCH && !this.#ended) {
      const next = await this.#iterator.next()
      if (next.done) this.#ended = true
      else items.push(next.value)
    }
    this.#items = items
    this.#at = 0
    return items[0]
  }
}

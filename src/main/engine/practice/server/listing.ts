import type { PolymarketFace } from '../source.ts'

type Markets = PolymarketFace['markets']
type Market = Markets[number]

/** Which of the open markets the list of markets shows. All of them at first; the rest of the venue knows them whether they are listed or not. */
export class Listing {
  /** The face of the source, with the list as it stands now. */
  readonly face: PolymarketFace
  readonly #source: PolymarketFace
  /** Off the list, the longest gone first. */
  #left: Markets = []
  /** On the list again, at its end. */
  #back: Markets = []

  constructor(source: PolymarketFace) {
    this.#source = source
    const listed = (): Markets => this.#listed()
    this.face = {
      get markets() {
        return listed()
      },
      hasToken: (id) => source.hasToken(id),
      dump: (ids) => source.dump(ids),
      book: (id) => source.book(id)
    }
  }

  /** Takes the oldest `remove` markets off the list and puts up to `add` of those that left before back on it, the longest gone first. */
  change(remove: number, add: number): { readonly removed: number; readonly added: number; readonly listed: number } {
    const gone = this.#listed().slice(0, remove)
    const back = this.#left.slice(0, add)
    this.#left = [...this.#left.slice(add), ...gone]
    this.#back = [...this.#back.filter((market) => !gone.includes(market)), ...back]
    return { removed: gone.length, added: back.length, listed: this.#listed().length }
  }

  /** What ended with a round is off every list, for good. */
  #listed(): Markets {
    const open = this.#source.markets
    if (this.#left.length === 0 && this.#back.length === 0) return open
    const stillOpen = new Set(open)
    const isOpen = (market: Market): boolean => stillOpen.has(market)
    this.#left = this.#left.filter(isOpen)
    this.#back = this.#back.filter(isOpen)
    const moved = new Set([...this.#left, ...this.#back])
    return [...open.filter((market) => !moved.has(market)), ...this.#back]
  }
}

import type { PolymarketFace } from '../source.ts'

type Markets = PolymarketFace['markets']

/** Which markets the list of markets shows. All of them at first; the rest of the venue knows them whether they are listed or not. */
export class Listing {
  /** The face of the source, with the list as it stands now. */
  readonly face: PolymarketFace
  #listed: Markets
  #left: Markets = []

  constructor(face: PolymarketFace) {
    this.#listed = face.markets
    const listed = (): Markets => this.#listed
    this.face = {
      get markets() {
        return listed()
      },
      hasToken: (id) => face.hasToken(id),
      dump: (ids) => face.dump(ids),
      book: (id) => face.book(id)
    }
  }

  /** Takes the oldest `remove` markets off the list and puts up to `add` of those that left before back on it, the longest gone first. */
  change(remove: number, add: number): { readonly removed: number; readonly added: number; readonly listed: number } {
    const back = this.#left.slice(0, add)
    const gone = this.#listed.slice(0, remove)
    this.#left = [...this.#left.slice(add), ...gone]
    this.#listed = [...this.#listed.slice(remove), ...back]
    return { removed: gone.length, added: back.length, listed: this.#listed.length }
  }
}

import { Ladder, type BookSide } from './ladder.ts'
import type { Random } from './random.ts'

/** The new total size at one price. `filled` is what a taker took there, 0 for a maker's change. */
export interface Change {
  readonly side: BookSide
  readonly px: number
  readonly size: number
  readonly filled: number
}

export interface Action {
  readonly changes: readonly Change[]
  /** Present when the changes are one taker order eating levels. */
  readonly taker?: 'buy' | 'sell'
}

export interface MarketShape {
  readonly minPx: number
  readonly maxPx: number
  /** Typical distance between neighbouring levels, and the scale of small moves. In price units. */
  readonly spacing: number
  readonly minLevels: number
  readonly maxLevels: number
  readonly drawSize: (random: Random) => number
}

/**
 * One market with a hidden fair price that wanders, reverts and is hit by rare shocks. Makers quote around it, mostly near the
 * touch; takers eat what is mispriced. The book never crosses. Actions are proposed here and applied by the caller, one change at a time.
 */
export class MarketModel {
  readonly bids = new Ladder('bid')
  readonly asks = new Ladder('ask')
  /** Bounds and habits; replaced together with the grid when a market changes its tick. */
  shape: MarketShape
  /** Price grid. */
  step: number
  /** True right after a shock, so that the caller can make the market busy. */
  shocked = false
  readonly #random: Random
  #fair: number
  #anchor: number

  constructor(shape: MarketShape, step: number, fair: number, random: Random) {
    this.shape = shape
    this.step = step
    this.#fair = fair
    this.#anchor = fair
    this.#random = random
    this.#fill('bid')
    this.#fill('ask')
  }

  get fair(): number {
    return this.#fair
  }

  ladder(side: BookSide): Ladder {
    return side === 'bid' ? this.bids : this.asks
  }

  apply(change: Change): void {
    this.ladder(change.side).set(change.px, change.size)
  }

  /** One step of the market. @param mayTrade false keeps takers away @returns at least one change, except on an empty grid */
  act(mayTrade: boolean): Action {
    this.#wander()
    const mispriced = this.#mispricedSide()
    if (mispriced) return mayTrade && this.#random.chance(0.6) ? this.#take(mispriced) : this.#cancel(mispriced, 0)
    const side: BookSide = this.#random.chance(0.5) ? 'bid' : 'ask'
    const ladder = this.ladder(side)
    if (ladder.count > this.shape.maxLevels) return this.#cancel(side, ladder.count - 1)
    if (ladder.count < this.shape.minLevels && this.#random.chance(0.8)) return this.#add(side)
    const roll = this.#random.unit()
    if (roll < 0.12 && mayTrade) return this.#take(side)
    if (roll < 0.55) return this.#add(side)
    return this.#cancel(side, this.#random.geometric(3))
  }

  /** A change far from the touch, the kind only the depth stream shows. */
  actDeep(): Action {
    const side: BookSide = this.#random.chance(0.5) ? 'bid' : 'ask'
    const ladder = this.ladder(side)
    if (ladder.count > this.shape.maxLevels) return this.#cancel(side, ladder.count - 1)
    if (ladder.count < this.shape.minLevels || this.#random.chance(0.5)) return this.#add(side, 2 + this.#random.geometric(20))
    return this.#cancel(side, 2 + this.#random.geometric(20))
  }

  #wander(): void {
    const { spacing, minPx, maxPx } = this.shape
    this.shocked = this.#random.chance(0.002)
    this.#anchor += this.#random.fatTailed() * spacing * (this.shocked ? 6 : 0.02)
    this.#anchor = clamp(this.#anchor, minPx, maxPx)
    this.#fair += (this.#anchor - this.#fair) * 0.05 + (this.#random.unit() - 0.5) * spacing * 0.5
    this.#fair = clamp(this.#fair, minPx - this.step / 2, maxPx + this.step / 2)
  }

  #mispricedSide(): BookSide | undefined {
    const ask = this.asks.bestPx
    if (ask !== undefined && ask < this.#fair) return 'ask'
    const bid = this.bids.bestPx
    return bid !== undefined && bid > this.#fair ? 'bid' : undefined
  }

  /** A taker order against the given resting side: a few levels at most. */
  #take(side: BookSide): Action {
    const ladder = this.ladder(side)
    const changes: Change[] = []
    let wanted = this.shape.drawSize(this.#random)
    for (let depth = 0; depth < 4 && wanted > 0; depth++) {
      const level = ladder.at(depth)
      if (!level) break
      const filled = Math.min(wanted, level.size)
      changes.push({ side, px: level.px, size: level.size - filled, filled })
      wanted -= filled
    }
    return changes.length === 0 ? this.#add(side) : { changes, taker: side === 'ask' ? 'buy' : 'sell' }
  }

  #cancel(side: BookSide, fromBest: number): Action {
    const ladder = this.ladder(side)
    const level = ladder.at(Math.min(fromBest, ladder.count - 1))
    if (!level) return this.#add(side)
    const partial = fromBest > 0 && this.#random.chance(0.4)
    const size = partial ? this.shape.drawSize(this.#random) : 0
    return { changes: [{ side, px: level.px, size, filled: 0 }] }
  }

  #add(side: BookSide, stepsAway = this.#random.geometric(4)): Action {
    const px = this.#quotePx(side, stepsAway)
    if (px === undefined) {
      const other = this.ladder(side === 'bid' ? 'ask' : 'bid')
      const level = other.at(this.#random.geometric(6)) ?? other.at(0)
      return { changes: level ? [{ side: other.side, px: level.px, size: this.shape.drawSize(this.#random), filled: 0 }] : [] }
    }
    const size = this.ladder(side).sizeAt(px) + this.shape.drawSize(this.#random)
    return { changes: [{ side, px, size, filled: 0 }] }
  }

  /** @returns a price on the grid, behind the fair price and never through the other side; undefined when the grid ends before */
  #quotePx(side: BookSide, stepsAway: number): number | undefined {
    const { minPx, maxPx, spacing } = this.shape
    const away = stepsAway * Math.max(this.step, spacing) * (0.5 + this.#random.unit())
    const sign = side === 'bid' ? 1 : -1
    const other = this.ladder(side === 'bid' ? 'ask' : 'bid').bestPx
    let px = (this.#fair - away * sign) / this.step
    px = (side === 'bid' ? Math.ceil(px - 1) : Math.floor(px + 1)) * this.step
    if (other !== undefined && (px - other) * sign >= 0) px = other - this.step * sign
    return px < minPx || px > maxPx ? undefined : px
  }

  #fill(side: BookSide): void {
    const wanted = Math.round((this.shape.minLevels + this.shape.maxLevels) / 2)
    for (let tries = 0; tries < wanted * 4 && this.ladder(side).count < wanted; tries++) {
      const px = this.#quotePx(side, Math.floor((tries / 4) * (0.5 + this.#random.unit())))
      if (px !== undefined) this.ladder(side).set(px, this.shape.drawSize(this.#random))
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value
}

import { DataTexture, FloatType, NearestFilter, RGBAFormat } from 'three'
import { COLUMN_FLOATS, COLUMN_TEXELS, type ColumnLevel, TILE_COLUMNS } from '../stage/columnLevel.ts'

/** From this many dirty columns on, one upload of the tile is cheaper than one per column. */
const WHOLE_TILE_FROM = 96

/** The textures of one column level: one per tile, made when first shown, and brought up to date column by column. */
export class DepthTiles {
  readonly level: ColumnLevel
  readonly #textures: (DataTexture | undefined)[]
  #generation: number

  constructor(level: ColumnLevel) {
    this.level = level
    this.#textures = new Array<DataTexture | undefined>(level.tileCount).fill(undefined)
    this.#generation = level.generation
  }

  /** The tile's texture with everything that is dirty marked for upload; undefined when the tile was never written. */
  texture(tile: number): DataTexture | undefined {
    const data = this.level.tile(tile)
    if (data === undefined) return undefined
    this.#rewriteWhenCleared()
    const found = this.#textures[tile]
    if (found !== undefined) {
      this.#markDirty(found, tile)
      return found
    }
    const made = new DataTexture(data, COLUMN_TEXELS, TILE_COLUMNS, RGBAFormat, FloatType)
    made.minFilter = NearestFilter
    made.magFilter = NearestFilter
    made.needsUpdate = true
    this.#textures[tile] = made
    this.#takeAll(tile)
    return made
  }

  dispose(): void {
    for (const texture of this.#textures) texture?.dispose()
    this.#textures.fill(undefined)
  }

  #rewriteWhenCleared(): void {
    if (this.#generation === this.level.generation) return
    this.#generation = this.level.generation
    for (const texture of this.#textures) {
      if (texture === undefined) continue
      texture.clearUpdateRanges()
      texture.needsUpdate = true
    }
  }

  #markDirty(texture: DataTexture, tile: number): void {
    const dirty = this.level.dirtyColumns(tile)
    if (dirty === 0) return
    texture.needsUpdate = true
    if (dirty >= WHOLE_TILE_FROM) {
      texture.clearUpdateRanges()
      this.#takeAll(tile)
      return
    }
    const from = tile * TILE_COLUMNS
    for (let slot = from; slot < Math.min(from + TILE_COLUMNS, this.level.capacity); slot++) {
      if (this.level.takeGpu(slot)) texture.addUpdateRange((slot - from) * COLUMN_FLOATS, COLUMN_FLOATS)
    }
  }

  #takeAll(tile: number): void {
    const from = tile * TILE_COLUMNS
    for (let slot = from; slot < Math.min(from + TILE_COLUMNS, this.level.capacity); slot++) this.level.takeGpu(slot)
  }
}

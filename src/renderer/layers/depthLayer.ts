import {
  BufferAttribute,
  BufferGeometry,
  DataTexture,
  DoubleSide,
  GLSL3,
  LinearFilter,
  Mesh,
  RawShaderMaterial,
  RGBAFormat,
  type Scene,
  Vector2,
  Vector4
} from 'three'
import { HALF_ROWS, TILE_COLUMNS } from '../stage/columnLevel.ts'
import { MAX_LEVEL } from '../stage/columnMips.ts'
import { LUT_SIZE, paletteLut, type PaletteName } from '../stage/palette.ts'
import { levelFor, leftSec, rowOfY, rowsPerCell, type View, xOfSec } from '../stage/view.ts'
import { depthFragment, depthVertex } from './depthShader.ts'
import { DepthTiles } from './depthTiles.ts'
import type { Layer, StageFrame } from './layer.ts'

interface TileMesh {
  readonly mesh: Mesh<BufferGeometry, RawShaderMaterial>
  readonly uniforms: ReturnType<typeof uniformsOf>
}

/** Resting depth as colour, and the hatching of what is missing or not trusted. One quad per visible tile. */
export class DepthLayer implements Layer {
  readonly #scene: Scene
  readonly #quad = unitQuad()
  readonly #lut: DataTexture
  readonly #meshes: TileMesh[] = []
  readonly #tiles: (DepthTiles | undefined)[] = []
  #palette: PaletteName = 'sides'
  #used = 0

  constructor(scene: Scene) {
    this.#scene = scene
    this.#lut = new DataTexture(paletteLut(this.#palette), LUT_SIZE, 2, RGBAFormat)
    this.#lut.minFilter = LinearFilter
    this.#lut.magFilter = LinearFilter
    this.#lut.needsUpdate = true
  }

  update(frame: StageFrame, view: View): void {
    this.#takePalette(frame.palette)
    this.#used = 0
    if (!frame.columns.empty) this.#placeTiles(frame, view)
    for (let i = this.#used; i < this.#meshes.length; i++) {
      const unused = this.#meshes[i]
      if (unused !== undefined) unused.mesh.visible = false
    }
  }

  dispose(): void {
    for (const { mesh } of this.#meshes) {
      this.#scene.remove(mesh)
      mesh.material.dispose()
    }
    this.#meshes.length = 0
    for (const tiles of this.#tiles) tiles?.dispose()
    this.#tiles.length = 0
    this.#quad.dispose()
    this.#lut.dispose()
  }

  #placeTiles(frame: StageFrame, view: View): void {
    const lod = levelFor(view, MAX_LEVEL)
    const level = frame.mips.level(lod)
    const tiles = (this.#tiles[lod] ??= new DepthTiles(level))
    const width = 2 ** lod
    const from = Math.floor(Math.max(frame.columns.oldest, leftSec(view)) / width)
    const to = Math.floor(Math.min(frame.columns.newest, view.rightSec) / width) + 1
    let bucket = from
    while (bucket < to) {
      const slot = level.slotOf(bucket)
      const tile = Math.floor(slot / TILE_COLUMNS)
      const inTile = slot - tile * TILE_COLUMNS
      const tileEnd = Math.min((tile + 1) * TILE_COLUMNS, level.capacity)
      const run = Math.min(to - bucket, tileEnd - slot)
      const texture = tiles.texture(tile)
      if (texture !== undefined) this.#place(texture, inTile, run, bucket * width, width, frame, view)
      bucket += run
    }
  }

  #place(texture: DataTexture, column: number, run: number, second: number, width: number, frame: StageFrame, view: View): void {
    const { mesh, uniforms } = this.#next()
    const top = Math.min(HALF_ROWS + 0.5, rowOfY(view, 0))
    const bottom = Math.max(-HALF_ROWS - 0.5, rowOfY(view, view.height))
    mesh.visible = bottom < top
    uniforms.uDepth.value = texture
    uniforms.uSize.value.set(view.width, view.height)
    uniforms.uRect.value.set(xOfSec(view, second), 0, xOfSec(view, second + run * width), view.height)
    uniforms.uColumns.value.set(column, column + run)
    uniforms.uRows.value.set(rowOfY(view, 0), rowOfY(view, view.height))
    uniforms.uScale.value = Math.max(1, frame.scaleSizeE6)
    uniforms.uRowsPerCell.value = rowsPerCell(view)
    uniforms.uLastColumn.value = column + run - 1
    uniforms.uDpr.value = view.dpr
    uniforms.uRowPx.value = view.pxPerRow
  }

  #next(): TileMesh {
    const found = this.#meshes[this.#used]
    this.#used++
    if (found !== undefined) return found
    const uniforms = uniformsOf(this.#lut)
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: depthVertex,
      fragmentShader: depthFragment,
      uniforms,
      side: DoubleSide,
      depthTest: false,
      depthWrite: false
    })
    const mesh = new Mesh(this.#quad, material)
    mesh.frustumCulled = false
    mesh.renderOrder = 0
    this.#scene.add(mesh)
    const made = { mesh, uniforms }
    this.#meshes.push(made)
    return made
  }

  #takePalette(name: PaletteName): void {
    if (name === this.#palette) return
    this.#palette = name
    this.#lut.image.data?.set(paletteLut(name))
    this.#lut.needsUpdate = true
  }
}

function uniformsOf(lut: DataTexture) {
  return {
    uDepth: { value: null as DataTexture | null },
    uLut: { value: lut },
    uSize: { value: new Vector2() },
    uRect: { value: new Vector4() },
    uColumns: { value: new Vector2() },
    uRows: { value: new Vector2() },
    uScale: { value: 1 },
    uRowsPerCell: { value: 1 },
    uLastColumn: { value: 0 },
    uDpr: { value: 1 },
    uRowPx: { value: 1 }
  }
}

/** Two triangles over the unit square. */
export function unitQuad(): BufferGeometry {
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0]), 3))
  return geometry
}

import {
  DoubleSide,
  DynamicDrawUsage,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  RawShaderMaterial,
  type Scene,
  Vector2
} from 'three'
import { AT_ASK_ROW, AT_BID_ROW, AT_FLAGS, COLUMN, COLUMN_FLOATS, type ColumnLevel, TILE_COLUMNS } from '../stage/columnLevel.ts'
import { MAX_LEVEL } from '../stage/columnMips.ts'
import { levelFor, leftSec, type View, xOfSec, yOfRow } from '../stage/view.ts'
import { unitQuad } from './depthLayer.ts'
import type { Layer, StageFrame } from './layer.ts'

/** Pieces of line that fit: two sides, a step and a riser for each pixel column of a very wide screen. */
const MAX_PIECES = 4 * 8192
const LINE_PX = 1.5

const vertex = /* glsl */ `
precision highp float;
in vec3 position;
in vec4 box;
in float side;
uniform vec2 uSize;
out float vSide;
void main() {
  vec2 px = mix(box.xy, box.zw, position.xy);
  vSide = side;
  gl_Position = vec4(px.x / uSize.x * 2.0 - 1.0, 1.0 - px.y / uSize.y * 2.0, 0.0, 1.0);
}`

const fragment = /* glsl */ `
precision highp float;
in float vSide;
out vec4 colour;
void main() {
  colour = vec4(vSide > 0.5 ? vec3(1.0, 0.80, 0.45) : vec3(0.55, 0.83, 1.0), 0.95);
}`

/** Best bid and best ask as step lines, one step a visible column. */
export class BestLayer implements Layer {
  readonly #scene: Scene
  readonly #boxes = new InstancedBufferAttribute(new Float32Array(MAX_PIECES * 4), 4).setUsage(DynamicDrawUsage)
  readonly #sides = new InstancedBufferAttribute(new Float32Array(MAX_PIECES), 1).setUsage(DynamicDrawUsage)
  readonly #geometry = new InstancedBufferGeometry()
  readonly #uniforms = { uSize: { value: new Vector2() } }
  readonly #material = new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: vertex,
    fragmentShader: fragment,
    uniforms: this.#uniforms,
    side: DoubleSide,
    depthTest: false,
    depthWrite: false,
    transparent: true
  })
  readonly #mesh = new Mesh(this.#geometry, this.#material)
  #pieces = 0

  constructor(scene: Scene) {
    this.#scene = scene
    this.#geometry.setAttribute('position', unitQuad().getAttribute('position'))
    this.#geometry.setAttribute('box', this.#boxes)
    this.#geometry.setAttribute('side', this.#sides)
    this.#mesh.frustumCulled = false
    this.#mesh.renderOrder = 1
    scene.add(this.#mesh)
  }

  update(frame: StageFrame, view: View): void {
    this.#pieces = 0
    this.#mesh.visible = frame.showBest && !frame.columns.empty
    if (!this.#mesh.visible) return
    this.#uniforms.uSize.value.set(view.width, view.height)
    const lod = levelFor(view, MAX_LEVEL)
    const level = frame.mips.level(lod)
    this.#trace(frame, view, level, 2 ** lod, AT_BID_ROW, COLUMN.hasBid, 0)
    this.#trace(frame, view, level, 2 ** lod, AT_ASK_ROW, COLUMN.hasAsk, 1)
    this.#geometry.instanceCount = this.#pieces
    upload(this.#boxes, this.#pieces * 4)
    upload(this.#sides, this.#pieces)
  }

  dispose(): void {
    this.#scene.remove(this.#mesh)
    this.#geometry.dispose()
    this.#material.dispose()
  }

  #trace(frame: StageFrame, view: View, level: ColumnLevel, width: number, at: number, has: number, side: number): void {
    const from = Math.floor(Math.max(frame.columns.oldest, leftSec(view)) / width)
    const to = Math.floor(Math.min(frame.columns.newest, view.rightSec) / width)
    let lastY = 0
    let joined = false
    for (let bucket = from; bucket <= to; bucket++) {
      const slot = level.slotOf(bucket)
      const tile = level.tile(Math.floor(slot / TILE_COLUMNS))
      const o = (slot % TILE_COLUMNS) * COLUMN_FLOATS
      const flags = tile?.[o + AT_FLAGS] ?? 0
      if (tile === undefined || (flags & COLUMN.present) === 0 || (flags & has) === 0) {
        joined = false
        continue
      }
      const x = xOfSec(view, bucket * width)
      const y = yOfRow(view, tile[o + at] ?? 0)
      if (joined && Math.abs(y - lastY) > LINE_PX) this.#piece(x, Math.min(y, lastY), x + 1, Math.max(y, lastY), side)
      this.#piece(x, y - LINE_PX / 2, x + width * view.pxPerSec + 0.5, y + LINE_PX / 2, side)
      lastY = y
      joined = true
    }
  }

  #piece(x0: number, y0: number, x1: number, y1: number, side: number): void {
    if (this.#pieces >= MAX_PIECES) return
    const boxes = this.#boxes.array
    const o = this.#pieces * 4
    boxes[o] = x0
    boxes[o + 1] = y0
    boxes[o + 2] = x1
    boxes[o + 3] = y1
    this.#sides.array[this.#pieces] = side
    this.#pieces++
  }
}

/** Marks the first `count` values of an instance buffer for upload. */
export function upload(attribute: InstancedBufferAttribute, count: number): void {
  attribute.clearUpdateRanges()
  if (count > 0) attribute.addUpdateRange(0, count)
  attribute.needsUpdate = true
}

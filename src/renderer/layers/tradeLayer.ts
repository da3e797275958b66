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
import { NS_PER_SECOND } from '../../shared/units.ts'
import type { ColumnStore } from '../stage/columnStore.ts'
import { SIDE } from '../stage/tradeStore.ts'
import { clamp, leftSec, type View, xOfSec, yOfRow } from '../stage/view.ts'
import { upload } from './bestLayer.ts'
import { unitQuad } from './depthLayer.ts'
import type { Layer, StageFrame } from './layer.ts'
import { TradeBins } from './tradeBins.ts'

const MAX_CIRCLES = 8192
const MAX_RADIUS_PX = 12
/** Zoomed out, many places share a pixel: the largest circle shrinks to this. */
const LEAST_MAX_RADIUS_PX = 5
const MIN_RADIUS_PX = 1.6

const vertex = /* glsl */ `
precision highp float;
in vec3 position;
in vec4 circle;
uniform vec2 uSize;
out vec2 vAt;
out float vSide;
out float vRadius;
void main() {
  float reach = circle.z + 1.0;
  vAt = (position.xy * 2.0 - 1.0) * reach;
  vSide = circle.w;
  vRadius = circle.z;
  vec2 px = circle.xy + vAt;
  gl_Position = vec4(px.x / uSize.x * 2.0 - 1.0, 1.0 - px.y / uSize.y * 2.0, 0.0, 1.0);
}`

const fragment = /* glsl */ `
precision highp float;
in vec2 vAt;
in float vSide;
in float vRadius;
out vec4 colour;
void main() {
  float d = length(vAt);
  float inside = clamp(vRadius - d + 0.5, 0.0, 1.0);
  if (inside <= 0.0) discard;
  vec3 fill = vSide < 0.5 ? vec3(0.80, 0.82, 0.86) : vSide < 1.5 ? vec3(0.30, 0.72, 1.0) : vec3(1.0, 0.58, 0.18);
  float rim = vRadius < 3.0 ? 0.0 : clamp(d - vRadius + 1.6, 0.0, 1.0);
  colour = vec4(mix(fill, vec3(0.02, 0.03, 0.05), rim * 0.85), inside * 0.85);
}`

/**
 * Trades as circles: area by quantity, colour by aggressor (buy blue, sell orange, unknown grey), at the price relative to the spot of
 * their own second. Trades of one cell and side are added up.
 */
export class TradeLayer implements Layer {
  readonly #scene: Scene
  readonly #circles = new InstancedBufferAttribute(new Float32Array(MAX_CIRCLES * 4), 4).setUsage(DynamicDrawUsage)
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
  readonly #bins = new TradeBins(MAX_CIRCLES)

  constructor(scene: Scene) {
    this.#scene = scene
    this.#geometry.setAttribute('position', unitQuad().getAttribute('position'))
    this.#geometry.setAttribute('circle', this.#circles)
    this.#mesh.frustumCulled = false
    this.#mesh.renderOrder = 2
    scene.add(this.#mesh)
  }

  update(frame: StageFrame, view: View): void {
    this.#mesh.visible = frame.showTrades && frame.trades.count > 0
    if (!this.#mesh.visible) return
    this.#uniforms.uSize.value.set(view.width, view.height)
    this.#gather(frame, view)
    this.#geometry.instanceCount = this.#write(view)
    upload(this.#circles, this.#geometry.instanceCount * 4)
  }

  dispose(): void {
    this.#scene.remove(this.#mesh)
    this.#geometry.dispose()
    this.#material.dispose()
  }

  #gather(frame: StageFrame, view: View): void {
    const { trades, columns } = frame
    const bins = this.#bins
    bins.start(view)
    const margin = MAX_RADIUS_PX / view.pxPerSec
    const end = view.rightSec + margin
    let second = -1
    let spot = 0
    let tick = 0
    for (let i = trades.firstAtOrAfter((leftSec(view) - margin - frame.originSec) * NS_PER_SECOND); i < trades.count; i++) {
      const k = trades.indexOf(i)
      const sec = frame.originSec + (trades.relNs[k] ?? 0) / NS_PER_SECOND
      if (sec > end) break
      if (Math.floor(sec) !== second) {
        second = Math.floor(sec)
        const anchor = anchorSecond(columns, second)
        spot = columns.spotAt(anchor) ?? 0
        tick = columns.tickAt(anchor) ?? 0
      }
      if (tick > 0) bins.add(sec, ((trades.pxE6[k] ?? 0) - spot) / tick, trades.sizeE6[k] ?? 0, trades.side[k] ?? SIDE.unknown)
    }
  }

  #write(view: View): number {
    const bins = this.#bins
    const out = this.#circles.array
    const most = clamp(4 + 2 * view.pxPerSec, LEAST_MAX_RADIUS_PX, MAX_RADIUS_PX)
    const perRoot = most / Math.sqrt(Math.max(1, bins.largeSize()))
    for (let i = 0; i < bins.count; i++) {
      const o = i * 4
      out[o] = xOfSec(view, bins.sec[i] ?? 0)
      out[o + 1] = yOfRow(view, bins.row[i] ?? 0)
      out[o + 2] = clamp(Math.sqrt(bins.size[i] ?? 0) * perRoot, MIN_RADIUS_PX, most)
      out[o + 3] = bins.side[i] ?? 0
    }
    return bins.count
  }
}

/** The second whose spot a trade is drawn against: its own, or the newest before it while its own column is still to come. */
function anchorSecond(columns: ColumnStore, second: number): number {
  if (columns.spotAt(second) !== undefined) return second
  return columns.presentAtOrBefore(second) ?? columns.oldest
}

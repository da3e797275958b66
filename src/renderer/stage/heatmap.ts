import { Camera, Color, Scene, WebGLRenderer } from 'three'
import { BestLayer } from '../layers/bestLayer.ts'
import { DepthLayer } from '../layers/depthLayer.ts'
import type { Layer, StageFrame } from '../layers/layer.ts'
import { TradeLayer } from '../layers/tradeLayer.ts'
import type { View } from './view.ts'

/** The WebGL picture: renderer, scene and layers in drawing order. Knows nothing of axes, pointers or time. */
export class Heatmap {
  readonly renderer: WebGLRenderer
  readonly #scene = new Scene()
  readonly #camera = new Camera()
  readonly #layers: readonly Layer[]
  #disposed = false

  /** @throws Error when the browser offers no WebGL 2 */
  constructor(canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({
      canvas,
      antialias: false,
      alpha: false,
      depth: false,
      stencil: false,
      powerPreference: 'high-performance'
    })
    this.renderer.setClearColor(new Color('#07090d'), 1)
    this.#scene.matrixAutoUpdate = false
    this.#layers = [new DepthLayer(this.#scene), new BestLayer(this.#scene), new TradeLayer(this.#scene)]
  }

  resize(width: number, height: number, dpr: number): void {
    this.renderer.setPixelRatio(dpr)
    this.renderer.setSize(width, height, false)
  }

  draw(frame: StageFrame, view: View): void {
    for (const layer of this.#layers) layer.update(frame, view)
    this.renderer.render(this.#scene, this.#camera)
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    for (const layer of this.#layers) layer.dispose()
    this.renderer.dispose()
  }
}

import { useEffect, useRef } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { Stage } from '../../stage/index.ts'
import { setScreen, useScreen } from '../../stores/screenStore.ts'
import { CrosshairText } from './CrosshairText.tsx'
import { Legend } from './Legend.tsx'
import { StartHint } from './StartHint.tsx'
import { useFillMarks } from './useFillMarks.ts'

/** React owns the canvas elements; the stage owns what is on them. */
export function HeatmapView() {
  const { client } = useStudio()
  const gl = useRef<HTMLCanvasElement>(null)
  const axes = useRef<HTMLCanvasElement>(null)
  const cross = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const drawable = useScreen((s) => s.drawable)

  useEffect(() => {
    if (gl.current === null || axes.current === null || cross.current === null || box.current === null) return
    const element = box.current
    let stage: Stage
    try {
      stage = new Stage({ gl: gl.current, axes: axes.current, cross: cross.current }, client.data, client.loop, (following) =>
        setScreen({ following })
      )
    } catch {
      setScreen({ drawable: false })
      return
    }
    client.attachStage(stage)
    const observer = new ResizeObserver(() => stage.resize(element.clientWidth, element.clientHeight, window.devicePixelRatio))
    observer.observe(element)
    const unsubscribe = useScreen.subscribe((options) => stage.configure(options))
    stage.configure(useScreen.getState())
    return () => {
      unsubscribe()
      observer.disconnect()
      client.attachStage(undefined)
      stage.dispose()
    }
  }, [client])
  useFillMarks(client)

  return (
    <div className="heatmap" ref={box} data-testid="heatmap">
      <canvas ref={gl} className="gl" aria-label="Resting depth around the spot, one column a second" role="img" />
      <canvas ref={axes} aria-hidden="true" />
      <canvas ref={cross} className="cross" aria-hidden="true" data-testid="heatmap-pointer" />
      <CrosshairText />
      <Legend />
      <StartHint />
      {!drawable && (
        <div className="stage-card error" role="alert" data-testid="webgl-problem">
          <p>This computer offers no WebGL 2, so the heatmap cannot be drawn. Everything else works.</p>
        </div>
      )}
    </div>
  )
}

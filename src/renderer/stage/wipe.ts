/**
 * Empties a canvas. An accelerated canvas that is cleared and then not drawn on may keep showing its last picture (seen in
 * Chromium 156 with software GL), so one invisible pixel is drawn.
 */
export function wipe(context: CanvasRenderingContext2D, width: number, height: number): void {
  context.clearRect(0, 0, width, height)
  context.fillStyle = 'rgba(0,0,0,0.004)'
  context.fillRect(0, 0, 1, 1)
}

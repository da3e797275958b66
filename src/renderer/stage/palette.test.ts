import { describe, expect, test } from 'vitest'
import { colourAt, luminance, LUT_SIZE, PALETTE_NAMES, paletteLut, PALETTES, type Rgb } from './palette.ts'

/** Linear-light matrices of Machado, Oliveira and Fernandes (2009) for full dichromacy. */
const SIGHT: Readonly<Record<string, readonly number[]>> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039]
}

const linear = (c: number): number => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)

/** CIE Lab of a colour as seen with a kind of sight. */
function lab(rgb: Rgb, sight: readonly number[]): readonly [number, number, number] {
  const l = rgb.map(linear)
  const seen = [0, 3, 6].map((k) =>
    Math.max(0, (sight[k] ?? 0) * (l[0] ?? 0) + (sight[k + 1] ?? 0) * (l[1] ?? 0) + (sight[k + 2] ?? 0) * (l[2] ?? 0))
  )
  const [r = 0, g = 0, b = 0] = seen
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function distance(a: Rgb, b: Rgb, sight: readonly number[]): number {
  const p = lab(a, sight)
  const q = lab(b, sight)
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
}

describe('palettes', () => {
  test.each(PALETTE_NAMES)('%s gets lighter with size on both sides, for every kind of sight', (name) => {
    for (const side of ['bid', 'ask'] as const) {
      for (const sight of Object.values(SIGHT)) {
        let before = -1
        for (let i = 0; i <= 16; i++) {
          const [lightness] = lab(colourAt(PALETTES[name][side], i / 16), sight)
          expect(lightness).toBeGreaterThan(before)
          before = lightness
        }
      }
    }
  })

  test.each(Object.keys(SIGHT))('bids and asks of the default palette stay apart with %s', (name) => {
    for (let i = 2; i <= 16; i++) {
      const t = i / 16
      expect(distance(colourAt(PALETTES.sides.bid, t), colourAt(PALETTES.sides.ask, t), SIGHT[name] ?? [])).toBeGreaterThan(12)
    }
  })

  test('the lookup table holds both sides from dark to light', () => {
    const lut = paletteLut('sides')
    expect(lut.length).toBe(LUT_SIZE * 8)
    const at = (i: number): Rgb => [lut[4 * i] ?? 0, lut[4 * i + 1] ?? 0, lut[4 * i + 2] ?? 0]
    expect(luminance(at(LUT_SIZE - 1))).toBeGreaterThan(0.7)
    expect(luminance(at(0))).toBeLessThan(0.03)
    expect(luminance(at(2 * LUT_SIZE - 1))).toBeGreaterThan(0.7)
    expect(at(LUT_SIZE)).not.toEqual(at(0))
  })
})

/** Red, green, blue, 0..255. */
export type Rgb = readonly [number, number, number]

export const LUT_SIZE = 256
export type PaletteName = 'sides' | 'cividis' | 'viridis'

interface Palette {
  readonly label: string
  /** Colour stops at equal distances from no size to the top of the scale. */
  readonly bid: readonly Rgb[]
  readonly ask: readonly Rgb[]
}

const cividis: readonly Rgb[] = [
  [10, 28, 62],
  [36, 56, 106],
  [78, 84, 110],
  [110, 112, 118],
  [144, 141, 120],
  [182, 172, 110],
  [222, 206, 88],
  [254, 232, 70]
]
const viridis: readonly Rgb[] = [
  [48, 8, 66],
  [68, 46, 124],
  [57, 86, 140],
  [38, 121, 142],
  [31, 158, 137],
  [83, 197, 104],
  [167, 219, 52],
  [253, 231, 37]
]

/** Blue against orange stays apart for every common colour vision; lightness rises with size in all of them. */
export const PALETTES: Readonly<Record<PaletteName, Palette>> = {
  sides: {
    label: 'Blue/orange',
    bid: [
      [14, 32, 58],
      [18, 62, 116],
      [24, 104, 186],
      [70, 162, 234],
      [196, 234, 255]
    ],
    ask: [
      [44, 27, 12],
      [92, 50, 10],
      [166, 88, 6],
      [232, 144, 40],
      [255, 230, 160]
    ]
  },
  cividis: { label: 'Cividis', bid: cividis, ask: cividis },
  viridis: { label: 'Viridis', bid: viridis, ask: viridis }
}

export const PALETTE_NAMES: readonly PaletteName[] = ['sides', 'cividis', 'viridis']

/** Colour at t in 0..1 of a list of stops. */
export function colourAt(stops: readonly Rgb[], t: number): Rgb {
  const x = Math.min(1, Math.max(0, t)) * (stops.length - 1)
  const i = Math.min(stops.length - 2, Math.floor(x))
  const a = stops[i] ?? [0, 0, 0]
  const b = stops[i + 1] ?? a
  const mix = (k: 0 | 1 | 2): number => Math.round(a[k] + (b[k] - a[k]) * (x - i))
  return [mix(0), mix(1), mix(2)]
}

/** Lookup table of a palette: LUT_SIZE colours of the bid side, then as many of the ask side. RGBA, 8 bits each. */
export function paletteLut(name: PaletteName): Uint8Array<ArrayBuffer> {
  const lut = new Uint8Array(LUT_SIZE * 2 * 4)
  const { bid, ask } = PALETTES[name]
  for (const [row, stops] of [bid, ask].entries()) {
    for (let i = 0; i < LUT_SIZE; i++) {
      const [r, g, b] = colourAt(stops, i / (LUT_SIZE - 1))
      lut.set([r, g, b, 255], (row * LUT_SIZE + i) * 4)
    }
  }
  return lut
}

/** Relative luminance (WCAG) of a colour. */
export function luminance([r, g, b]: Rgb): number {
  const linear = (c: number): number => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

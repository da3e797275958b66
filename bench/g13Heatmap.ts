import type { HeatmapBenchReport } from '../src/renderer/stage/benchHeatmap.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { openBenchPage } from './heatmap/openBenchPage.ts'
import { same, spreadOf, type Spread } from './measure.ts'

const FEW = 200
const MANY = 10_000

/** Heatmap frames at 10,000 columns against 200, in Chromium with software GL: ratios mean something there, milliseconds little. */
export async function g13Heatmap({ quick, say }: BenchOptions): Promise<GoalReport> {
  const { page, close } = await openBenchPage(say)
  const frames = quick ? 10 : 40
  const reports: HeatmapBenchReport[] = []
  try {
    for (let round = quick ? 4 : -1; round < 5; round++) {
      const report = await page.evaluate((options) => window.tapedeckBench!.heatmap(options), { few: FEW, many: MANY, frames })
      if (round >= 0) reports.push(report)
    }
  } finally {
    await close()
  }
  for (const { costs } of reports) {
    same(
      'heatmaps measured',
      costs.map(({ columns, view }) => `${columns} ${view}`).join(', '),
      `${FEW} window, ${FEW} all, ${MANY} window, ${MANY} all`
    )
    for (const cost of costs) same('frames drawn', cost.frames, frames)
  }
  const over = (figure: (report: HeatmapBenchReport) => number): Spread => spreadOf(reports.map(figure))
  const p95 = (view: 'window' | 'all'): Spread =>
    over(({ costs }) => costs.find((cost) => cost.columns === MANY && cost.view === view)?.p95Ms ?? NaN)
  const first = reports[0]
  return {
    id: 'G13',
    what: `Heatmap frame (one new column, all layers, drawn and read back) at ${MANY.toLocaleString('en')} columns against ${FEW}, ${first?.width}x${first?.height}`,
    count: reports.length * frames,
    counted: 'frames of each of the four heatmaps',
    findings: [
      { what: 'same 200 s window, 10,000 columns stored', unit: 'x', figure: over((report) => report.windowRatio), later: { atMost: 1.2 } },
      { what: 'all 10,000 columns in view', unit: 'x', figure: over((report) => report.allRatio), later: { atMost: 1.2 } },
      { what: 'p95 frame, window', unit: 'ms', figure: p95('window'), later: { atMost: 16.7 } },
      { what: 'p95 frame, all in view', unit: 'ms', figure: p95('all'), later: { atMost: 16.7 } },
      { what: 'CPU column raster against memcpy', unit: 'x', figure: over((report) => report.raster.ratio), later: { atLeast: 0.3 } }
    ],
    ratesM: { 'columns rastered': Number(((first?.raster.columnsPerSecond ?? 0) / 1e6).toFixed(3)) },
    notes: [
      `renderer: ${first?.renderer}`,
      'ratios are of medians over frames in turns; software GL pays for every pixel, a graphics card would not'
    ]
  }
}

import { createServer } from 'node:http'
import { chromium, type Page } from 'playwright-core'
import { securityHeaders } from '../../src/shared/page/index.ts'
import { servePage } from '../../src/main/server/pageFiles.ts'
import { inRepository } from '../workFolder.ts'
import { buildTools } from './buildTools.ts'

const FLAGS = ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']

export interface BenchPage {
  readonly page: Page
  close(): Promise<void>
}

/** Builds the screen and opens its bench page in Chromium with software GL. @throws Error when there is no Chromium */
export async function openBenchPage(say: (line: string) => void): Promise<BenchPage> {
  const { bundle, findChromium } = await buildTools()
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('no Chromium was found; name one with TAPEDECK_CHROMIUM')
  await bundle(say)
  const server = createServer((request, response) => {
    // They isolate the page, too: its clock then has 5 µs instead of 100 µs.
    response.setHeaders(new Map(Object.entries(securityHeaders())))
    servePage(request, response, inRepository('out', 'renderer')).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const browser = await chromium.launch({ executablePath, args: FLAGS, headless: true })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${port}/?bench=heatmap`)
  await page.waitForFunction(() => window.tapedeckBench !== undefined, undefined, { timeout: 30_000 })
  return {
    page,
    close: async () => {
      await browser.close()
      server.close()
    }
  }
}

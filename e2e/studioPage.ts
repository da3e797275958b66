import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { TestWindow } from '../src/renderer/client/testWindow.ts'

const WAIT_MS = 60_000

/** The studio's window as a user would work it: by its controls, and by what it shows. */
export class StudioPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async click(testId: string): Promise<void> {
    await this.page.getByTestId(testId).first().click({ timeout: WAIT_MS })
  }

  /** Reads from the screen's data. The function runs in the page: it may use its arguments only. */
  read<T>(look: (page: TestWindow) => T): Promise<T> {
    return this.page.evaluate(`(${look.toString()})(window.__tapedeck)`) as Promise<T>
  }

  /** Waits until the page's data is so. */
  async until(look: (page: TestWindow, value: number) => boolean, what: string, value = 0): Promise<void> {
    // Polled from here: the page's own security policy forbids to evaluate text inside it.
    const script = `window.__tapedeck !== undefined && (${look.toString()})(window.__tapedeck, ${value})`
    for (const end = performance.now() + WAIT_MS; performance.now() < end;) {
      if ((await this.page.evaluate(script)) === true) return
      await this.page.waitForTimeout(50)
    }
    const state = await this.read((page) => page.session())
    throw new Error(`waited in vain for ${what}; the session was ${JSON.stringify(state)}`)
  }

  async goLiveAt(url: string, venue: 'binance' | 'polymarket', symbols: string): Promise<void> {
    await this.page.getByTestId('live-source').selectOption('practice_at')
    await this.page.getByTestId('live-practice-venue').selectOption(venue)
    await this.page.getByTestId('live-url').fill(url)
    if (venue === 'binance') await this.page.getByTestId('live-symbols').fill(symbols)
    await this.click('live-start')
    await this.until((page) => page.session()?.phase === 'recording', 'the recording to begin')
  }

  /** @returns the folder of the bundle that was recorded */
  async stopLive(): Promise<string> {
    const path = (await this.read((page) => page.session()))?.path ?? ''
    await this.click('live-stop')
    await this.until((page) => page.session()?.mode === 'idle', 'the recording to end')
    await this.page.locator(`[data-testid=bundle-item][data-path="${path}"]`).waitFor({ timeout: WAIT_MS })
    return path
  }

  /** Goes to an instant through the studio's own command, exactly. */
  async seek(relNs: number): Promise<void> {
    await this.page.evaluate(`window.studio.call({ cmd: 'replay_seek', relNs: ${Math.round(relNs)} })`)
    await this.until(
      (page, at) => page.session()?.phase !== 'loading' && Math.abs((page.session()?.playheadRelNs ?? -1) - at) < 2,
      'the seek',
      Math.round(relNs)
    )
  }

  /** Opens the demo from the empty stage and waits until it has been read through. */
  async openDemo(): Promise<void> {
    await this.click('open-demo')
    await this.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the demo to open')
  }

  /** Text of the first element with the test id, once there is one. */
  async text(testId: string): Promise<string> {
    const element = this.page.getByTestId(testId).first()
    await element.waitFor({ timeout: WAIT_MS })
    return (await element.textContent()) ?? ''
  }

  async attribute(testId: string, name: string): Promise<string> {
    return (await this.page.getByTestId(testId).first().getAttribute(name, { timeout: WAIT_MS })) ?? ''
  }

  /** Presses the report button of a bundle in the library and waits for the page to be filled. */
  async openReport(path: string): Promise<void> {
    await this.page.locator(`.bundle:has([data-path="${path}"])`).getByTestId('bundle-report').click({ timeout: WAIT_MS })
    await this.page.getByTestId('report-body').waitFor({ timeout: WAIT_MS })
  }

  /** Verdicts of a list of gates by their names. */
  gates(testId: 'report-gates' | 'live-gates'): Promise<Record<string, string>> {
    return this.page
      .getByTestId(testId)
      .locator('[data-gate]')
      .evaluateAll(
        // Runs in the page.
        (rows) => Object.fromEntries(rows.map((row) => [row.getAttribute('data-gate') ?? '', row.getAttribute('data-verdict') ?? '']))
      )
  }

  /** Drags on the timeline between two shares of its width. */
  async dragTimeline(from: number, to: number, shift: boolean): Promise<void> {
    const box = await this.page.getByTestId('timeline').boundingBox()
    if (box === null) throw new Error('the timeline is not on screen')
    const y = box.y + box.height / 2
    if (shift) await this.page.keyboard.down('Shift')
    await this.page.mouse.move(box.x + box.width * from, y)
    await this.page.mouse.down()
    await this.page.mouse.move(box.x + box.width * ((from + to) / 2), y)
    await this.page.mouse.move(box.x + box.width * to, y)
    await this.page.mouse.up()
    if (shift) await this.page.keyboard.up('Shift')
  }

  /** The marked range, ns since the run's origin; undefined without one. */
  async range(): Promise<{ from: number; to: number } | undefined> {
    const text = this.page.getByTestId('selection-text')
    if ((await text.count()) === 0) return undefined
    return { from: Number(await text.getAttribute('data-from')), to: Number(await text.getAttribute('data-to')) }
  }

  ladder(): Promise<string> {
    return this.read((page) => page.ladderText())
  }

  /** The ladder once it stays the same for a while. */
  async settledLadder(): Promise<string> {
    let last = await this.ladder()
    const end = performance.now() + WAIT_MS
    for (let same = 0; same < 3;) {
      if (performance.now() > end) throw new Error(`the ladder did not come to rest; the last was ${last}`)
      await this.page.waitForTimeout(100)
      const next = await this.ladder()
      same = next === last ? same + 1 : 0
      last = next
    }
    return last
  }

  async shot(name: string): Promise<void> {
    const folder = process.env['TAPEDECK_RESULTS'] ?? 'test-results'
    mkdirSync(folder, { recursive: true })
    await this.page.screenshot({ path: join(folder, `${name}.png`) })
  }
}

import { StudioError } from '../../../../shared/errors.ts'
import { backoffMs, isPassing, restGet, type RestOptions } from '../../capture/index.ts'
import type { RestAnswer } from '../../feeds/index.ts'

const ATTEMPTS = 4

/**
 * Asks a venue's HTTP service without keeping the answer; what may pass is tried again.
 * @throws StudioError VENUE_UNREACHABLE, ABORTED
 */
export async function plainGet(url: string, options: RestOptions, sleep: (ms: number) => Promise<void>): Promise<RestAnswer> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await restGet(url, options)
    if (outcome.kind === 'answer' && !isPassing(outcome)) return outcome.answer
    if (options.signal.aborted) throw new StudioError('ABORTED', 'The run was stopped before it began.')
    if (attempt === ATTEMPTS) {
      const found = outcome.kind === 'failed' ? `no answer came (${outcome.error})` : `it answered with status ${outcome.answer.status}`
      throw new StudioError(
        'VENUE_UNREACHABLE',
        `The venue could not be asked: ${found}. Check the network and the address: ${new URL(url).origin}`
      )
    }
    await sleep(backoffMs(outcome, attempt))
  }
}

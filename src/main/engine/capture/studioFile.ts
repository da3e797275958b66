import { readStudioFacts, writeStudioFacts } from '../bundle/index.ts'
import type { CaptureConfig } from './config.ts'

/** Writes `studio.json` of a run that begins, or (with a time) that has stopped. A fingerprint that is there already stays. @throws the operating system's error */
export function writeStudioFile(dir: string, config: CaptureConfig, stoppedWallNs: bigint | undefined): void {
  const { synthetic, venue, sourceName } = config
  const source = sourceName ?? (venue === 'polymarket' ? 'Polymarket' : 'Binance')
  const fingerprint = stoppedWallNs === undefined ? undefined : readStudioFacts(dir)?.fingerprint
  writeStudioFacts(dir, { synthetic, venue, source, fingerprint, stoppedWallNs })
}

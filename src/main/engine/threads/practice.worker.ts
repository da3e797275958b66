import { parentPort, workerData } from 'node:worker_threads'
import { toFailure } from '../../../shared/errors.ts'
import { startPracticeVenue, type PracticeOptions, type PracticeVenue } from '../practice/index.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')

function urlsOf(venue: PracticeVenue): Record<string, string> {
  const { gammaUrl, clobUrl, polymarketWsUrl, binanceRestUrl, binanceWsUrl, weatherUrl } = venue
  return { gammaUrl, clobUrl, polymarketWsUrl, binanceRestUrl, binanceWsUrl, weatherUrl }
}

startPracticeVenue(workerData as PracticeOptions).then(
  (venue) => {
    port.postMessage({ kind: 'listening', urls: urlsOf(venue) })
    port.on('message', () => void venue.close().then(() => port.close()))
  },
  (error: unknown) => port.postMessage({ kind: 'failed', failure: toFailure(error) })
)

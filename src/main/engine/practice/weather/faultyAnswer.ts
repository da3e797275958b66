import type { WeatherFault } from '../faults/fault.ts'
import { jsonAnswer, type HttpAnswer } from '../server/httpExchange.ts'

const HUGE_BYTES = 5 * 1024 * 1024

/** What a fault makes of a good answer. */
export function faultyAnswer({ what, ms, status, retryAfterS }: WeatherFault, good: HttpAnswer): HttpAnswer {
  switch (what) {
    case 'empty':
      return { status: 200, body: '' }
    case 'late':
      return { ...good, delayMs: ms }
    case 'html':
      return {
        status: 200,
        body: '<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>',
        headers: { 'content-type': 'text/html' }
      }
    case 'huge':
      return { status: 200, body: `[${' '.repeat(HUGE_BYTES)}]` }
    case 'garbage':
      return { status: 200, body: good.body.slice(0, Math.floor(good.body.length / 2)) || '[{"icaoId":' }
    case 'wrongStation':
      return good
    case 'status':
      return jsonAnswer(
        status,
        { error: status === 429 ? 'Too many requests' : 'Internal server error' },
        { 'retry-after': String(retryAfterS) }
      )
  }
}

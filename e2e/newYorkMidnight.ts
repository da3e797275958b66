import { setTimeout as sleep } from 'node:timers/promises'

const DAY_S = 86_400
const NEAR_S = 120
const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit'
})

/** Waits until midnight in New York has passed where it is less than two minutes off: a recording across it would be two days. */
export async function pastNewYorkMidnight(): Promise<void> {
  const [hours = 0, minutes = 0, seconds = 0] = clock.format(new Date()).split(':').map(Number)
  const leftS = DAY_S - (hours * 3600 + minutes * 60 + seconds)
  if (leftS < NEAR_S) await sleep((leftS + 1) * 1000)
}

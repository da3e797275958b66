import { availableParallelism, cpus, loadavg } from 'node:os'

/** One line about where the figures come from; a load above one while nothing else should run means that they are noisy. */
export function machineLine(): string {
  const [load = 0] = loadavg()
  return `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}, load average ${load.toFixed(1)}`
}

/** Whether an address names this machine: by its loopback address, not by a name that could point anywhere. */
export function isOnThisMachine(url: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(url).hostname)
}

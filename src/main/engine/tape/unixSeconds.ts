const NS = 1_000_000_000

/** @returns the Unix second of a receive time, by the instant that the run's times count from */
export function unixSeconds(originTsNs: bigint): (relNs: number) => number {
  const originSecond = Number(originTsNs / BigInt(NS))
  const fractionNs = Number(originTsNs % BigInt(NS))
  return (relNs) => originSecond + Math.floor((relNs + fractionNs) / NS)
}

/** Tenths and halves of these numbers are exact in decimal and not in binary: what is closer than this to them is them. */
const NOISE = 1e9

/** °C to °F, rounded half up to one decimal. */
export function fahrenheit1(tempC: number): number {
  return floorHalfUp(tempC * 18 + 320) / 10
}

/** A difference of temperatures in °C as one in °F; not rounded. */
export function fahrenheitDifference(differenceC: number): number {
  return differenceC * 1.8
}

/**
 * °C as the judge of a temperature market reads them: whole °F, halves up towards plus infinity, so 61.5 °F is 62 and −0.5 °F is 0.
 * Rounded once, from the exact value: 23.3 °C has 73.94 °F, and 24.7 °C, whose 76.46 °F has 76.5 with one decimal, is 76.
 */
export function judgeAligned(tempC: number): number {
  return floorHalfUp((tempC * 18 + 320) / 10)
}

/** The temperatures that a whole degree Celsius stands for, °F: from `low` up to but not including `high`. */
export function wholeDegreeIntervalF(tempC: number): { readonly low: number; readonly high: number } {
  return { low: fahrenheit1(tempC - 0.5), high: fahrenheit1(tempC + 0.5) }
}

function floorHalfUp(x: number): number {
  const rounded = Math.floor(Math.round(x * NOISE) / NOISE + 0.5)
  // Never minus zero: it would be another value in a record.
  return rounded === 0 ? 0 : rounded
}

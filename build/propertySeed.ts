// Runs in front of every test file: property tests draw the same random cases every time, so that a test fails for what was changed and not by chance.
import { configureGlobal } from 'fast-check'

const FIXED_SEED = 20_261_128

/** @param asked what TAPEDECK_SEED says. @returns undefined: a new seed for every property, which a failure names */
function seedOf(asked: string | undefined): number | undefined {
  if (asked === undefined || asked === '') return FIXED_SEED
  if (asked === 'random') return undefined
  const seed = Number(asked)
  if (!Number.isInteger(seed)) throw new Error(`TAPEDECK_SEED is "${asked}": expected a whole number, or random.`)
  return seed
}

const seed = seedOf(process.env['TAPEDECK_SEED'])
if (seed !== undefined) configureGlobal({ seed })

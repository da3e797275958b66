import { basename, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ParameterValue, StrategyApi, StrategyFactory } from '../strategyApi.ts'
import { faultText } from './faultText.ts'

export interface LoadedStrategy {
  readonly id: string
  readonly strategy: StrategyApi
  readonly params: Readonly<Record<string, ParameterValue>>
}

/** A strategy that cannot be used. The message is one sentence. */
export class BadStrategy extends Error {}

const ID = /^[A-Za-z0-9_.-]{1,64}$/

/**
 * Loads a strategy's file: its default export is a strategy, or a function that makes one from the parameters.
 * @param given parameters of the run for it
 * @throws BadStrategy
 */
export async function loadStrategyFile(file: string, given: Readonly<Record<string, ParameterValue>>): Promise<LoadedStrategy> {
  const name = basename(file)
  let exported: unknown
  let made = false
  try {
    exported = ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown }).default
    made = typeof exported === 'function'
    if (made) exported = (exported as StrategyFactory)(given)
  } catch (error) {
    throw new BadStrategy(`The strategy file could not be loaded: ${faultText(error, file)}. File: ${file}`, { cause: error })
  }
  const strategy = checkStrategy(exported, name)
  const id = strategy.id ?? basename(file, extname(file)).replace(/[^A-Za-z0-9_.-]/g, '_')
  if (typeof id !== 'string' || !ID.test(id))
    throw new BadStrategy(`The id of the strategy in ${name} is 1 to 64 letters, digits, "_", "-" or ".", but it is ${JSON.stringify(id)}.`)
  return { id, strategy, params: paramsOf(id, strategy.params ?? {}, given, made) }
}

function checkStrategy(exported: unknown, name: string): StrategyApi {
  const fields = exported as Partial<StrategyApi> | null | undefined
  if (typeof fields !== 'object' || fields === null)
    throw new BadStrategy(
      `The default export of ${name} is a strategy (an object with onTopOfBook) or a function that makes one, but it is ${typeof exported}.`
    )
  if (typeof fields.onTopOfBook !== 'function')
    throw new BadStrategy(`The strategy in ${name} has a method onTopOfBook, but its onTopOfBook is ${typeof fields.onTopOfBook}.`)
  return fields as StrategyApi
}

/**
 * Parameters of a run over a strategy's defaults.
 * @throws BadStrategy for a parameter that the strategy does not have or that is of another type
 */
export function paramsOf(
  id: string,
  defaults: Readonly<Record<string, ParameterValue>>,
  given: Readonly<Record<string, ParameterValue>>,
  open = false
): Readonly<Record<string, ParameterValue>> {
  for (const [name, value] of Object.entries(given)) {
    const known = defaults[name]
    if (known === undefined && !open) {
      const names = Object.keys(defaults)
      const has = names.length === 0 ? 'it has no parameters' : `its parameters are ${names.join(', ')}`
      throw new BadStrategy(`Strategy ${id} has no parameter "${name}"; ${has}.`)
    }
    if (known !== undefined && typeof known !== typeof value)
      throw new BadStrategy(
        `Parameter ${name} of strategy ${id} is a ${typeof known} such as ${known}, but ${JSON.stringify(value)} was given.`
      )
  }
  return { ...defaults, ...given }
}

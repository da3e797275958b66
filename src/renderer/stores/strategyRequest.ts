import type { StrategyRequest } from '../../shared/api/index.ts'
import { OWN_FILE, type ParameterRow, type StrategyForm } from './strategyStore.ts'

export type RequestOrProblem = { readonly request: StrategyRequest } | { readonly problem: string }

/** Makes the request of a form, or says in one sentence which field is wrong. @param openPath bundle that is open, empty without one */
export function strategyRequestOf(form: StrategyForm, openPath: string): RequestOrProblem {
  const path = form.path === '' ? openPath : form.path
  if (path === '') return { problem: 'Open a bundle, or choose one of the library.' }
  const own = form.strategy === OWN_FILE
  const file = form.file.trim()
  if (own && !/\.(m?js|m?ts)$/i.test(file)) return { problem: 'Name a strategy file: a path that ends in .ts, .mts, .js or .mjs.' }
  const params = paramsOf(form.params)
  if ('problem' in params) return params
  return { request: { path, strategies: [own ? file : form.strategy], events: form.events, params: params.values } }
}

function paramsOf(rows: readonly ParameterRow[]): { readonly values: Record<string, number> } | { readonly problem: string } {
  const values: Record<string, number> = {}
  for (const { name: typed, value: text } of rows) {
    const name = typed.trim()
    if (name === '' && text.trim() === '') continue
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,59}$/.test(name))
      return { problem: `A parameter's name is letters, digits and _, at most 60 of them; found "${name}".` }
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value)) return { problem: `The parameter ${name} must be a number; found "${text.trim()}".` }
    if (Object.hasOwn(values, name)) return { problem: `The parameter ${name} is there twice.` }
    values[name] = value
  }
  return { values }
}

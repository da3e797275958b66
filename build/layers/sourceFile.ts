import { parseSync, Visitor } from 'vite'

/** One import or re-export of a module. */
export interface ImportSite {
  readonly specifier: string
  readonly line: number
  /** names taken from the module; empty for a bare, namespace or dynamic import */
  readonly names: readonly string[]
}

/** A read of something that is not the program's own: `Date.now`, `Math.random`, `eval`, ... */
export interface GlobalUse {
  readonly text: string
  readonly line: number
}

export interface SourceFacts {
  readonly imports: readonly ImportSite[]
  readonly globals: readonly GlobalUse[]
}

interface Node {
  readonly type: string
  readonly start: number
}

/** @returns what a TypeScript source imports and which guarded globals it uses; comments and strings do not count
 *  @throws Error when the file is not TypeScript */
export function readSource(path: string, text: string): SourceFacts {
  const parsed = parseSync(path, text)
  const [fault] = parsed.errors
  if (fault) throw new Error(`${path} cannot be parsed: ${fault.message}`)
  const lineOf = lineFinder(text)
  const imports: ImportSite[] = []
  for (const site of parsed.module.staticImports) {
    const names = site.entries.flatMap((entry) => entry.importName.name ?? [])
    imports.push({ specifier: site.moduleRequest.value, line: lineOf(site.start), names })
  }
  for (const site of parsed.module.staticExports) {
    const request = site.entries.find((entry) => entry.moduleRequest)?.moduleRequest
    if (request) imports.push({ specifier: request.value, line: lineOf(site.start), names: [] })
  }
  const globals: GlobalUse[] = []
  collect(parsed.program, lineOf, imports, globals)
  return { imports, globals }
}

type Program = ReturnType<typeof parseSync>['program']

function collect(program: Program, lineOf: (offset: number) => number, imports: ImportSite[], globals: GlobalUse[]): void {
  const see = (text: string | undefined, at: Node): void => {
    if (text) globals.push({ text, line: lineOf(at.start) })
  }
  const lazy = (source: unknown, at: Node): void => {
    const specifier = (source as { value?: unknown }).value
    if (typeof specifier === 'string') imports.push({ specifier, line: lineOf(at.start), names: [] })
  }
  new Visitor({
    ImportExpression: (node) => lazy(node.source, node),
    TSImportType: (node) => lazy(node.source, node),
    MemberExpression: (node) => see(memberText(node), node),
    CallExpression: (node) => see(calleeText(node.callee, '()'), node),
    NewExpression: (node) =>
      see(node.arguments.length === 0 || nameOf(node.callee) === 'Function' ? calleeText(node.callee, '') : undefined, node)
  }).visit(program)
}

function nameOf(node: unknown): string | undefined {
  const { type, name } = node as { type: string; name?: string }
  return type === 'Identifier' ? name : undefined
}

/** `Date.now` and `globalThis.Date.now` alike, `performance['now']` too */
function memberText(node: unknown): string | undefined {
  const { object, property, computed } = node as { object: unknown; property: { name?: string; value?: unknown }; computed: boolean }
  const key = computed ? property.value : property.name
  const owner = nameOf(object) ?? innerName(object)
  return owner !== undefined && typeof key === 'string' ? `${owner}.${key}` : undefined
}

/** the last name of `globalThis.Date` */
function innerName(node: unknown): string | undefined {
  const { type, object, property } = node as { type: string; object?: unknown; property?: { name?: string } }
  return type === 'MemberExpression' && nameOf(object) === 'globalThis' ? property?.name : undefined
}

function calleeText(callee: unknown, suffix: '()' | ''): string | undefined {
  const name = nameOf(callee) ?? innerName(callee)
  if (name === undefined) return undefined
  return suffix ? `${name}()` : `new ${name}`
}

function lineFinder(text: string): (offset: number) => number {
  return (offset) => text.slice(0, offset).split('\n').length
}

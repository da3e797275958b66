import { posix } from 'node:path'
import type { Finding } from './finding.ts'
import type { ImportSite } from './sourceFile.ts'
import { engineAside, engineFlow, engineInnerDoors, engineThreads, practiceStarters, zones, type Zone } from './table.ts'

const ENGINE = 'src/main/engine/'
const PRACTICE = `${ENGINE}practice/`
const bundledByVite = /\.(css|svg|png|woff2|wasm|json)$/

/** Tests, and what only tests use: `testing/`, `fixtures/`, and in main files named like `testServer.ts` or `plantFixture.ts`. */
export function isTest(file: string): boolean {
  return /\.test\.tsx?$|\/(testing|fixtures)\/|^src\/main\/.*\/(test[A-Z]\w*|\w+Fixture)\.ts$/.test(file)
}

/** @returns why each import of a file is refused, one finding each */
export function checkImports(file: string, imports: readonly ImportSite[]): Finding[] {
  const zone = zoneOf(file)
  if (zone === undefined)
    return [
      {
        file,
        line: 1,
        rule: 'tree',
        message: 'this place is not in the import table: put the file where the table knows it, or add the place'
      }
    ]
  return imports.flatMap((site) => {
    const refusal = site.specifier.startsWith('.') ? refuseRelative(file, zone, site.specifier) : refusePackage(file, zone, site.specifier)
    return refusal ? [{ file, line: site.line, rule: refusal.rule, message: `imports ${site.specifier}: ${refusal.why}` }] : []
  })
}

type Refusal = { readonly rule: string; readonly why: string } | undefined

function zoneOf(file: string): Zone | undefined {
  let best: { zone: Zone; length: number } | undefined
  for (const zone of zones) {
    for (const place of zone.files) {
      if (within(file, place) && place.length > (best?.length ?? 0)) best = { zone, length: place.length }
    }
  }
  return best?.zone
}

function within(file: string, place: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place
}

function refusePackage(file: string, zone: Zone, specifier: string): Refusal {
  if (specifier.startsWith('node:')) return zone.node || isTest(file) ? undefined : { rule: 'zone', why: zone.why }
  const [first = '', second = ''] = specifier.split('/')
  const name = first.startsWith('@') ? `${first}/${second}` : first
  const allowed =
    zone.packages.includes(name) || (isTest(file) && (name === 'vitest' || name === 'fast-check' || engineTestPackage(file, name)))
  return allowed ? undefined : { rule: 'zone', why: zone.why }
}

/** A test of the engine may check against a second implementation and bundle what it starts, but knows no more of the screen than the engine itself. */
function engineTestPackage(file: string, name: string): boolean {
  return file.startsWith(ENGINE) && (name === '@mcap/core' || name === 'vite')
}

function refuseRelative(file: string, zone: Zone, specifier: string): Refusal {
  const [path = ''] = specifier.split('?')
  if (!/\.tsx?$/.test(path) && !bundledByVite.test(path)) {
    return { rule: 'extension', why: 'a relative import carries its .ts or .tsx extension, so that the sources run as they are' }
  }
  const target = posix.join(posix.dirname(file), path)
  if (isTest(target) && !isTest(file)) return { rule: 'testOnly', why: 'only tests may import test support' }
  if (target.startsWith(PRACTICE) && !isTest(file) && !practiceStarters.some((place) => within(file, place))) {
    return { rule: 'practice', why: 'the practice venue stands for the outside world: only command line, desktop and tests start it' }
  }
  if (!allowedTarget(zone, target) && !(isTest(file) && target.startsWith(ENGINE) && zone.node)) return { rule: 'zone', why: zone.why }
  if (file.startsWith(ENGINE) && target.startsWith(ENGINE)) return refuseInEngine(file, target)
  return undefined
}

/** A door (`<folder>/index.ts`) that the zone names closes the rest of that folder, even when a wider folder is named too. */
function allowedTarget(zone: Zone, target: string): boolean {
  const doors = zone.paths.filter((place) => place.endsWith('/index.ts'))
  const behindDoor = doors.find((door) => target.startsWith(door.slice(0, -'index.ts'.length)))
  if (behindDoor !== undefined) return zone.paths.includes(target)
  return zone.paths.some((place) => within(target, place))
}

function engineFolder(path: string): string | undefined {
  const rest = path.slice(ENGINE.length)
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : undefined
}

function refuseInEngine(file: string, target: string): Refusal {
  const from = engineFolder(file)
  const to = engineFolder(target)
  if (to !== undefined && !knownEngineFolder(to))
    return { rule: 'tree', why: `the engine folder "${to}" is not in the import table: give it a place in the flow` }
  if (to === undefined)
    return target === `${ENGINE}index.ts` && from !== undefined && !isTest(file)
      ? { rule: 'door', why: 'the door of the engine opens to the outside, not to its own folders' }
      : undefined
  if (from === to || isTest(file)) return undefined
  if (!isDoor(target, to)) return { rule: 'door', why: 'another engine folder is imported only through its index.ts' }
  if (from === undefined || from === engineThreads.folder || to === engineThreads.folder) return undefined
  const upstream = upstreamOf(from)
  const why = `"${from}" may import only what is upstream of it: ${upstream.join(', ') || 'nothing'}`
  return upstream.includes(to) ? undefined : { rule: 'upstream', why }
}

function isDoor(target: string, folder: string): boolean {
  const inside = target.slice(ENGINE.length + folder.length + 1)
  if (folder === engineThreads.folder) return engineThreads.doors.test(inside)
  // Each venue is a folder of its own below feeds.
  return inside === 'index.ts' || engineInnerDoors.has(`${folder}/${inside}`) || (folder === 'feeds' && /^\w+\/index\.ts$/.test(inside))
}

function knownEngineFolder(name: string): boolean {
  return engineFlow.includes(name) || name in engineAside || name === engineThreads.folder
}

function upstreamOf(folder: string): readonly string[] {
  const at = engineFlow.indexOf(folder)
  return at >= 0 ? engineFlow.slice(0, at) : (engineAside[folder] ?? [])
}

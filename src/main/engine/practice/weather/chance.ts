import { Random } from '../generator/random.ts'

/** A source of chance of its own for every name: what one thing draws changes nothing for another. */
export function chanceOf(seed: number, name: string): Random {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return new Random((hash ^ Math.imul(seed | 0, 0x9e3779b1)) >>> 0)
}

/** A value that wanders smoothly between -1 and 1 and has a new aim every `stepMs`. Equal arguments give equal values. */
export function wander(seed: number, name: string, atMs: number, stepMs: number): number {
  const step = Math.floor(atMs / stepMs)
  const aim = (n: number): number => chanceOf(seed, `${name}@${n}`).unit() * 2 - 1
  const share = (1 - Math.cos(Math.PI * (atMs / stepMs - step))) / 2
  return aim(step) * (1 - share) + aim(step + 1) * share
}

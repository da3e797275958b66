import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'
import { publishText } from '../record/index.ts'
import type { LakeDisk } from './lakeDisk.ts'
import { fileText, lakePaths } from './lakePaths.ts'

export const PROOF_VERSION = 2

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const sum = z.string().regex(/^[0-9a-f]{32}$/)
const relNs = z.number().refine(Number.isSafeInteger)
/** Below the lake; nothing in it may lead elsewhere, since retention deletes by it. */
const partPath = z.string().regex(/^station=[\w.%!'()~-]+\/date=\d{4}-\d\d-\d\d\/ch=\w+\/part-\d{4,}\.parquet$/)

const partSchema = z.object({
  path: partPath,
  /** Parts of one number cover the same span of time, one a station; numbers grow with time. */
  generation: z.int().min(0),
  station: z.string(),
  rows: z.int().min(1),
  bytes: z.int().min(1),
  sha256,
  first_rel_ns: relNs,
  last_rel_ns: relNs
})

const entrySchema = z.object({
  ch: z.string(),
  date: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  compacted_at: z.string(),
  rows: z.int().min(0),
  segments: z.array(z.object({ path: z.string(), sha256, lines: z.int().min(0) })),
  parts: z.array(partSchema),
  hours: z.array(z.object({ hour: z.string(), count: z.int().min(1), sha256, envelopes: sum.optional() })),
  books_checked: z.int().min(0),
  /** Rows whose derived columns were compared with what they are made from; undefined in proofs of before there were any. */
  derived_checked: z.int().min(0).optional()
})

const proofSchema = z.object({
  proof_version: z.int(),
  lake_schema_version: z.int(),
  run_id: z.string().min(1),
  t0_wall_ns_utc: z.string().regex(/^\d+$/),
  venue: z.string(),
  entries: z.array(entrySchema)
})

export type LakePart = z.infer<typeof partSchema>
/** Some segments of a channel and date that were compacted together, and the proof that the Parquet parts hold the same events. */
export type ProofEntry = z.infer<typeof entrySchema>
/** True when the proof covers all that the journal lines say; those of version 1 cover the records only. */
export function isWholeProof({ hours }: ProofEntry): boolean {
  return hours.every(({ envelopes }) => envelopes !== undefined)
}

/** All that the lake holds of one run. It is written only after the Parquet was read back and found equal. */
export type RunProof = z.infer<typeof proofSchema>

export function proofPath(lakeDir: string, runId: string): string {
  return join(lakePaths(lakeDir).proofs, `${fileText(runId)}.json`)
}

/**
 * @returns undefined when nothing of the run is in the lake
 * @throws StudioError BUNDLE_NEWER, or BUNDLE_DAMAGED when the file cannot be trusted: then nothing of it counts as proved
 */
export function readProof(lakeDir: string, runId: string): RunProof | undefined {
  const path = proofPath(lakeDir, runId)
  const proof = readProofFile(path)
  if (proof === undefined || proof.run_id === runId) return proof
  throw new StudioError(
    'BUNDLE_DAMAGED',
    `The proof of the run ${runId} in the lake is that of another run, ${proof.run_id}. Nothing counts as proved by it. Compact the run again with --redo, or restore the file: ${path}`
  )
}

function readProofFile(path: string): RunProof | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const raw = parsed(text)
  const version = (raw as { proof_version?: unknown } | undefined)?.proof_version
  if (typeof version === 'number' && version > PROOF_VERSION)
    throw new StudioError(
      'BUNDLE_NEWER',
      `The proof of a run in the lake was written by a newer version of Tapedeck. Update Tapedeck. File: ${path}`
    )
  const result = proofSchema.safeParse(raw)
  if (result.success && isAsWritten(raw)) return result.data
  const issue = result.error?.issues[0]
  throw new StudioError(
    'BUNDLE_DAMAGED',
    `The proof of a run in the lake is damaged (${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'it is not as it was written'}). Nothing of that run counts as proved. Compact the run again with --redo, or restore the file: ${path}`
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A proof states the hash of itself: a changed digit would else move events in time or leave them out. Version 1 had none. */
function isAsWritten(raw: unknown): boolean {
  const { self, ...rest } = raw as { readonly self?: unknown; readonly proof_version?: unknown }
  return self === undefined ? rest.proof_version === 1 : self === selfOf(rest)
}

function selfOf(proof: object): string {
  return createHash('sha256').update(JSON.stringify(proof)).digest('hex')
}

export interface LakeProofs {
  readonly proofs: readonly RunProof[]
  /** One sentence for each file that cannot be used. */
  readonly faults: readonly string[]
}

/** The proofs of all runs of a lake. */
export function readAllProofs(lakeDir: string): LakeProofs {
  const dir = lakePaths(lakeDir).proofs
  const proofs: RunProof[] = []
  const faults: string[] = []
  for (const name of proofNames(dir)) {
    try {
      const proof = readProofFile(join(dir, name))
      if (proof !== undefined) proofs.push(proof)
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { proofs, faults }
}

function proofNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .toSorted()
  } catch {
    return []
  }
}

/** Writes it in one step: a crash leaves the old or the new one. */
export function writeProof(disk: LakeDisk, lakeDir: string, proof: RunProof): void {
  const whole = { ...proof, proof_version: PROOF_VERSION }
  publishText(disk, proofPath(lakeDir, proof.run_id), `${JSON.stringify({ ...whole, self: selfOf(whole) }, undefined, 1)}\n`)
}

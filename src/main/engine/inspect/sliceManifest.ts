import { join } from 'node:path'
import { bundlePaths, MANIFEST_VERSION, publishFile, stringifyBigJson, type BigJson, type OpenBundle } from '../bundle/index.ts'
import type { SlicePlan } from './slicePlan.ts'
import type { SliceWindow } from './sliceWindow.ts'

export interface SliceFacts {
  readonly bundle: OpenBundle
  /** Absolute. */
  readonly sourceDir: string
  readonly sliceDir: string
  readonly sliceId: string
  readonly window: SliceWindow
  /** The one shard that was asked for; undefined: all. */
  readonly shard: number | undefined
  readonly plan: SlicePlan
}

const MID_RUN_LACKS =
  'The slice begins inside the run: which instruments a connection was subscribed to and their full books may lie before it. A book is trusted from its first full snapshot on.'

/** Writes `studio.json` (where the source has one) and, last of all, `manifest.json`: without it the folder is no bundle. */
export function writeSliceFacts(facts: SliceFacts): void {
  const studio = studioOf(facts)
  if (studio !== undefined) publishFile(join(facts.sliceDir, 'studio.json'), `${stringifyBigJson(studio)}\n`)
  publishFile(bundlePaths(facts.sliceDir).manifest, `${stringifyBigJson(manifestOf(facts))}\n`)
}

/** The first five keys are those of the original system; with the others the slice opens as a run bundle of its own, on the source's clocks. */
function manifestOf(facts: SliceFacts): Readonly<Record<string, BigJson>> {
  const { bundle, plan } = facts
  const source = bundle.manifest.raw as Readonly<Record<string, BigJson | undefined>>
  const passedOn = ['capture_schema_version', 'payload_source', 'payload_encoder', 'venue', 'universe_mode']
  return {
    slice_id: facts.sliceId,
    source_run_id: bundle.runId,
    source_run_dir: facts.sourceDir,
    slice: windowOnDisk(facts),
    source_manifest: bundle.manifest.raw,
    manifest_version: MANIFEST_VERSION,
    run_id: facts.sliceId,
    t0_wall_ns_utc: bundle.t0WallNs,
    t0_mono_ns: bundle.t0MonoNs,
    ...Object.fromEntries(passedOn.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]] as const]))),
    shards: shardsOf(facts, source['shards']),
    slice_content: {
      records: plan.records,
      frames_bytes: plan.bytes,
      rx_mono_ns_first: bundle.t0MonoNs + BigInt(plan.firstMonoRelNs),
      rx_mono_ns_last: bundle.t0MonoNs + BigInt(plan.lastMonoRelNs),
      starts_mid_run: startsMidRun(plan),
      lacks: startsMidRun(plan) ? MID_RUN_LACKS : '',
      source_verdict: bundle.verdict.sentence
    }
  }
}

function windowOnDisk({ window, shard }: SliceFacts): Record<string, BigJson> {
  const mono = window.kind === 'mono' ? window : undefined
  const offset = window.kind === 'offset' ? window : undefined
  return {
    start_mono_ns: mono?.startMonoNs ?? null,
    end_mono_ns: mono?.endMonoNs ?? null,
    start_offset: offset?.startOffset ?? null,
    end_offset: offset?.endOffset ?? null,
    shard: shard ?? null
  }
}

/** Without the number of shards where only one was taken: the others are not missing. */
function shardsOf({ plan, shard }: SliceFacts, source: BigJson | undefined): Record<string, BigJson> {
  const given = (source as Readonly<Record<string, BigJson | undefined>> | null | undefined)?.['assignments']
  const all = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, BigJson | undefined>>) : {}
  const taken = plan.shards.flatMap(({ log }) => {
    const assigned = all[String(log.shard)]
    return assigned === undefined ? [] : [[String(log.shard), assigned] as const]
  })
  const count = shard === undefined ? (source as { count?: BigJson } | null | undefined)?.count : undefined
  return { ...(count === undefined ? {} : { count }), assignments: Object.fromEntries(taken) }
}

function startsMidRun(plan: SlicePlan): boolean {
  return plan.shards.some((shard) => shard.startsMidRun)
}

/** Keeps venue, name and provenance of the source. No fingerprint: that of the source is not the slice's. */
function studioOf({ bundle, sliceId, plan }: SliceFacts): Record<string, BigJson> | undefined {
  const { studio } = bundle
  if (studio === undefined) return undefined
  const lastMonoNs = bundle.t0MonoNs + BigInt(plan.lastMonoRelNs)
  const firstMonoNs = bundle.t0MonoNs + BigInt(plan.firstMonoRelNs)
  return {
    studio_version: 1,
    synthetic: studio.synthetic,
    venue: studio.venue,
    source: `Slice of ${studio.source}`,
    fingerprint: null,
    stopped_wall_ns_utc: null,
    slice: {
      slice_id: sliceId,
      source_run_id: bundle.runId,
      rx_mono_ns_first: String(firstMonoNs),
      rx_mono_ns_last: String(lastMonoNs)
    }
  }
}

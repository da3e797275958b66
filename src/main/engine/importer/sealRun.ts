import { openBundle, writeStudioFacts } from '../bundle/index.ts'
import { replayReport } from '../replay/index.ts'
import { TAPE_VERSION } from '../tape/index.ts'

/** Plays a finished bundle once and writes its fingerprint into `studio.json`, as a capture does at its end. @returns the fingerprint @throws StudioError ABORTED */
export async function sealRun(dir: string, signal?: AbortSignal): Promise<string> {
  const { fingerprint: sha256, counts } = await replayReport(dir, { ...(signal !== undefined && { signal }) })
  const bundle = await openBundle(dir)
  try {
    if (bundle.studio !== undefined)
      writeStudioFacts(dir, { ...bundle.studio, fingerprint: { sha256, counts, tape_version: TAPE_VERSION } })
  } finally {
    bundle.close()
  }
  return sha256
}

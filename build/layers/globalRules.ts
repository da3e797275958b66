import type { Finding } from './finding.ts'
import { isTest } from './importRules.ts'
import type { SourceFacts } from './sourceFile.ts'
import { clockAndChance, clockFile, codeFromText } from './table.ts'

/** @returns uses of time and chance in the engine, and of code made from text anywhere */
export function checkGlobals(file: string, facts: SourceFacts): Finding[] {
  const guarded = file.startsWith('src/main/engine/') && file !== clockFile && !isTest(file)
  const findings: Finding[] = []
  for (const { text, line } of facts.globals) {
    if ((codeFromText as readonly string[]).includes(text)) {
      findings.push({ file, line, rule: 'codeFromText', message: `uses ${text}: code is never made from text` })
    } else if (guarded && (clockAndChance as readonly string[]).some((banned) => text === banned || text.startsWith(`${banned}.`))) {
      findings.push({
        file,
        line,
        rule: 'clock',
        message: `uses ${text}: the engine reads time only through clock.ts and never draws chance, so that a replay is the same every time`
      })
    }
  }
  for (const { specifier, line, names } of guarded ? facts.imports : []) {
    if (/^node:(process|perf_hooks)$/.test(specifier) && names.some((name) => name === 'hrtime' || name === 'performance')) {
      findings.push({
        file,
        line,
        rule: 'clock',
        message: `imports ${specifier} for its clock: the engine reads time only through clock.ts`
      })
    }
  }
  return findings
}

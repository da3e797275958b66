import { CommanderError } from 'commander'
import { toFailure, type Failure } from '../../shared/errors.ts'

/** 0 ok, 1 a finding or a failure, 2 the command was not understood. */
export type ExitCode = 0 | 1 | 2

/** What is left to do after a command ended with an error. */
export interface Ending {
  readonly exitCode: ExitCode
  /** One sentence for standard error; undefined when commander has said it already, or there is nothing to say. */
  readonly sentence?: string
}

export function endingOf(error: unknown): Ending {
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2 }
  const { code, message }: Failure = toFailure(error)
  return { exitCode: code === 'USAGE' || code === 'CONFIG_INVALID' ? 2 : 1, sentence: message }
}

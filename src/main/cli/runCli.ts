import { Command } from 'commander'
import { appVersion } from './appRoot.ts'
import { COMMANDS, type CommandEntry } from './commands.ts'
import { endingOf, type ExitCode } from './exitCode.ts'

/**
 * Runs one command line to its end.
 * @param args without the program's own name
 * @returns the exit code; a command may also set `process.exitCode` to 1 for a finding
 */
export async function runCli(args: readonly string[], commands: readonly CommandEntry[] = COMMANDS): Promise<ExitCode> {
  survivePipes()
  try {
    const program = await buildProgram(args, commands)
    await program.parseAsync([...args], { from: 'user' })
    return process.exitCode === undefined ? 0 : (Number(process.exitCode) as ExitCode)
  } catch (error) {
    return sayEnding(error)
  }
}

/** The program with every command listed, and the one that is asked for loaded. */
async function buildProgram(args: readonly string[], commands: readonly CommandEntry[]): Promise<Command> {
  const program = new Command('tapedeck')
    .description('Record markets exactly as they arrived; replay any day exactly as it was seen.')
    .version(appVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', '\nExit codes: 0 ok, 1 a finding or a failure, 2 the command was not understood.')
    .exitOverride()
  const wanted = args.find((arg) => !arg.startsWith('-') && arg !== 'help')
  for (const entry of commands) {
    const command = entry.name === wanted ? await load(entry) : new Command(entry.name)
    program.addCommand(command.summary(entry.summary))
    settle(command, program)
  }
  return program
}

async function load(entry: CommandEntry): Promise<Command> {
  const command = await entry.load()
  if (command.name() !== entry.name) throw new Error(`the module of "${entry.name}" made a command called "${command.name()}"`)
  return command
}

/** Commands made elsewhere know nothing of the program's settings: without this, an error in one would end the process at once. */
function settle(command: Command, program: Command): void {
  command.copyInheritedSettings(program)
  for (const sub of command.commands) settle(sub, command)
}

/** Prints one sentence, and the stack only on demand. */
function sayEnding(error: unknown): ExitCode {
  const { exitCode, sentence } = endingOf(error)
  if (sentence !== undefined) process.stderr.write(`tapedeck: ${sentence}\n`)
  if (sentence !== undefined && process.env['TAPEDECK_DEBUG'] === '1')
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return exitCode
}

let surviving = false

/**
 * `tapedeck … | head` closes our output early: that is no error. A command that has to end in order (it listens to SIGTERM) is asked to;
 * any other ends at once.
 */
function survivePipes(): void {
  if (surviving) return
  surviving = true
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM')
    else process.exit()
  })
  process.stderr.on('error', () => undefined)
  process.on('uncaughtException', (error) => process.exit(sayEnding(error)))
}

import type { CommandName, CommandReply, FrameSink, SecretName, StudioCommand } from '../../shared/api/index.ts'

/** Where a door keeps keys of services: the keychain of the operating system. Every method may throw a StudioError, never with a key in it. */
export interface SecretStore {
  /** Why none can be kept here, one sentence; undefined where it can. */
  refusal(): string | undefined
  get(name: SecretName): string | undefined
  set(name: SecretName, value: string): void
  clear(name: SecretName): void
}

export interface EngineOptions {
  /** Folder for runs, the catalog and unpacked archives. */
  readonly dataDir: string
  /** The demo bundle that ships with the app; left out when there is none. */
  readonly demoBundle?: string
  /** Variables `PM_DATA_<SETTING>` win over the settings of the app. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Left out: keys come from the environment only. */
  readonly secrets?: SecretStore
}

/** One screen's link to the engine. */
export interface ViewLink {
  /** The screen worked off so many bytes. */
  grant(bytes: number): void
  close(): void
}

/** The studio without any window: everything a door (desktop, browser mode, command line) can ask. */
export interface Engine {
  /** Answers every command; a failure is an answer, not an exception. The argument may come from outside: it is validated here. */
  call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>>
  /** Same, for a door that has only parsed JSON. */
  callUnknown(command: unknown): Promise<CommandReply<CommandName>>
  /** Connects a screen: state, instruments and records flow to `sink` until closed. */
  attachView(sink: FrameSink): ViewLink
  /** Stops everything in order (a live run ends cleanly). Safe to call twice. */
  dispose(): Promise<void>
}

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { StudioError } from '../../../shared/errors.ts'

export interface LakeDatabaseOptions {
  /** Where DuckDB may put what does not fit into memory. */
  readonly spillDir: string
  /** Threads of its own; the compactor takes one, so that a capture beside it keeps its cores. */
  readonly threads?: number
  readonly memoryMb?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * A DuckDB in memory that reaches nothing but files: no extension is fetched or loaded by itself, no network is used.
 * An abort interrupts the running query.
 */
export class LakeDatabase {
  readonly connection: DuckDBConnection
  readonly #instance: DuckDBInstance
  readonly #signal: AbortSignal | undefined
  readonly #interrupt = (): void => this.connection.interrupt()

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.#instance = instance
    this.connection = connection
    this.#signal = signal
    signal?.addEventListener('abort', this.#interrupt)
  }

  static async open(options: LakeDatabaseOptions): Promise<LakeDatabase> {
    const { spillDir, threads = 1, memoryMb = 1024, signal } = options
    signal?.throwIfAborted()
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryMb}MB`,
      temp_directory: spillDir,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false'
    })
    const database = new LakeDatabase(instance, await instance.connect(), signal)
    // Timestamps are shown in UTC whatever the host's zone is.
    await database.connection.run("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return database
  }

  /** Another connection to the same database; its queries run beside those of the first. The caller closes it. */
  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect()
  }

  /** @throws StudioError ABORTED after an abort, FILE_FAILED or DISK_FULL for anything that DuckDB says */
  async run(sql: string): Promise<void> {
    await this.guard(() => this.connection.run(sql))
  }

  throwIfAborted(): void {
    if (this.#signal?.aborted === true) throw databaseFault(this.#signal.reason, this.#signal)
  }

  /** Runs a piece of work; what DuckDB throws becomes a StudioError. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    this.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      throw databaseFault(error, this.#signal)
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#interrupt)
    this.connection.closeSync()
    this.#instance.closeSync()
  }
}

/** What DuckDB says in the words of Tapedeck. */
export function databaseFault(error: unknown, signal?: AbortSignal): StudioError {
  if (error instanceof StudioError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (signal?.aborted === true) return new StudioError('ABORTED', 'The work on the lake was cancelled; nothing was published.')
  if (/no space left|ENOSPC|disk full|max_temp_directory_size/i.test(text))
    return new StudioError('DISK_FULL', `The disk is full: DuckDB could not write (${firstLine(text)}). Free some space and try again.`, {
      cause: error
    })
  return new StudioError('FILE_FAILED', `DuckDB could not do its work on the lake: ${firstLine(text)}`, { cause: error })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 300)
}

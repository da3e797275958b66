import { DuckDBInstance, DuckDBTableFunction, type DuckDBConnection, type DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api'
import { StudioError } from '../../../shared/errors.ts'

export interface LakeDatabaseOptions {
  /** Where DuckDB may put what does not fit into memory. */
  readonly spillDir: string
  /** Threads of its own; the compactor takes one, so that a capture beside it keeps its cores. */
  readonly threads?: number
  readonly memoryMb?: number
  readonly signal?: AbortSignal | undefined
}

/** Rows that JavaScript hands to DuckDB. */
export interface RowSource {
  readonly columns: readonly { readonly name: string; readonly type: DuckDBType }[]
  /** Sets the row count of the chunk and fills it; a count of zero ends the rows. */
  next(chunk: DuckDBDataChunk): void
}

const ROWS = 'tapedeck_rows'

/**
 * A DuckDB in memory that reaches nothing but files: no extension is fetched or loaded by itself, no network is used.
 * An abort interrupts the running query.
 */
export class LakeDatabase {
  readonly connection: DuckDBConnection
  readonly #instance: DuckDBInstance
  readonly #signal: AbortSignal | undefined
  #source: RowSource | undefined
  #hasFunction = false
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

  /**
   * Makes rows a table of SQL, once: DuckDB asks for chunk after chunk while it runs the one statement that names it.
   * @returns the SQL to select from
   */
  rowSource(source: RowSource): string {
    this.#source = source
    if (!this.#hasFunction) this.connection.registerTableFunction(this.#tableFunction())
    this.#hasFunction = true
    return `${ROWS}()`
  }

  #tableFunction(): DuckDBTableFunction {
    const source = (): RowSource => {
      if (this.#source === undefined) throw new Error('broken promise: rows are asked for when there are some')
      return this.#source
    }
    return DuckDBTableFunction.create({
      name: ROWS,
      bindFunction: (bind) => {
        for (const { name, type } of source().columns) bind.addResultColumn(name, type)
      },
      initFunction: () => undefined,
      mainFunction: (_, chunk) => {
        this.throwIfAborted()
        source().next(chunk)
      }
    })
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
  if (signal?.aborted === true) return new StudioError('ABORTED', 'The work on the lake was stopped before its end.')
  if (/no space left|ENOSPC|disk full|max_temp_directory_size/i.test(text))
    return new StudioError('DISK_FULL', `The disk is full: DuckDB could not write (${firstLine(text)}). Free some space and try again.`, {
      cause: error
    })
  return new StudioError('FILE_FAILED', `DuckDB could not do its work on the lake: ${firstLine(text)}`, { cause: error })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 300)
}

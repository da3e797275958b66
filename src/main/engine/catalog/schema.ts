/** Raised whenever the tables change. A file of any other version is moved aside: the index is rebuilt, never migrated. */
export const CATALOG_VERSION = 2

/** Tables that a good file has. */
export const TABLE_COUNT = 3

export const CREATE_TABLES = `
CREATE TABLE bundle (
  path TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  name TEXT NOT NULL,
  venue TEXT NOT NULL CHECK (venue IN ('polymarket', 'binance', '')),
  synthetic INTEGER NOT NULL,
  start_ts_ns TEXT NOT NULL,
  duration_ns INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  verdict_state TEXT NOT NULL CHECK (verdict_state IN ('recording', 'ended', 'unknown', 'recovered', 'quarantined')),
  verdict_sentence TEXT NOT NULL,
  demo INTEGER NOT NULL
) STRICT;
CREATE TABLE extra_path (path TEXT PRIMARY KEY) STRICT;
CREATE TABLE forgotten_path (path TEXT PRIMARY KEY) STRICT;
PRAGMA user_version = ${CATALOG_VERSION};
`

/**
 * How a value of a heartbeat is written for people. `shards`: an object by shard, in bytes. `counts`: an object of counts, a row each.
 * `states` and `ages`: words and seconds by source, a row each.
 */
export type HealthUnit =
  | 'count'
  | 'bytes'
  | 'rate'
  | 'byteRate'
  | 'percent'
  | 's'
  | 'ms'
  | 'ns'
  | 'word'
  | 'shards'
  | 'counts'
  | 'states'
  | 'ages'

/** A field, or the beginning of the fields of a series (`_mean`, `_p50`, `_p95`, `_p99`, `_max`); its name for people; its unit. */
export type HealthRow = readonly [field: string, label: string, unit: HealthUnit]

/** What an analyst looks for, in the order of looking. Fields that stand in no group are shown at the end under their own names. */
export const HEALTH_GROUPS: readonly (readonly [title: string, rows: readonly HealthRow[]])[] = [
  [
    'Recording',
    [
      ['elapsed_ns', 'running for', 'ns'],
      ['frames', 'records', 'count'],
      ['msgs_per_sec', 'records a second, mean', 'rate'],
      ['bytes_written', 'written', 'bytes'],
      ['bytes_per_sec', 'written a second, mean', 'byteRate']
    ]
  ],
  [
    'Connections',
    [
      ['reconnects', 'reconnects', 'count'],
      ['shards_unconfirmed_count', 'not confirmed', 'count'],
      ['confirm_failures_total', 'confirmations missed', 'count'],
      ['midrun_disconnected_incidents', 'lost while it ran', 'count'],
      ['midrun_disconnected_time_s_total', 'time without, in all', 's'],
      ['midrun_disconnected_incident_duration_s', 'how long a loss lasted', 's'],
      ['rx_idle_any_shard_s', 'silence, liveliest connection', 's'],
      ['rx_idle_all_shards_s', 'silence, quietest connection', 's'],
      ['startup_connect_pending_shards', 'never open so far', 'count'],
      ['startup_connect_time_s', 'time to connect at the start', 's']
    ]
  ],
  [
    'Sources',
    [
      ['sources', '', 'states'],
      ['staleness', 'newest word, age:', 'ages'],
      ['latencies', 'took to come:', 'ages']
    ]
  ],
  [
    'Trust',
    [
      ['gaps', 'gaps so far', 'count'],
      ['resyncs', 'books made anew so far', 'count']
    ]
  ],
  [
    'Instruments',
    [
      ['token_ids_assigned', 'subscribed', 'count'],
      ['token_ids_seen', 'with a first book', 'count'],
      ['coverage_pct', 'share of those awaited', 'percent'],
      ['tokens_without_first_book', 'first book overdue', 'count'],
      ['first_books_asked_again', 'asked for again', 'count'],
      ['tokens_untrusted', 'book not trusted now', 'count'],
      ['tokens_silent', 'silent for two minutes', 'count'],
      ['policy_counts', 'policy', 'counts']
    ]
  ],
  [
    'Messages',
    [
      ['msg_type_counts', '', 'counts'],
      ['decode_errors', 'could not be read', 'count'],
      ['decode_fallbacks', 'needed the slower reader', 'count'],
      ['parts_foreign', 'parts about other instruments', 'count'],
      ['messages_stale', 'older than the book', 'count'],
      ['messages_overflow', 'found no room', 'count'],
      ['books_crossed', 'books found crossed', 'count']
    ]
  ],
  [
    'Losses',
    [
      ['dropped_messages_total', 'messages dropped', 'count'],
      ['dropped_messages_count', 'of them since the last heartbeat', 'count'],
      ['loss_total', 'losses in all', 'count'],
      ['loss_frame_write_queue_pressure_events', 'batches that the disk refused', 'count'],
      ['frame_write_dropped', 'records in them', 'count'],
      ['loss_metrics_drops', 'heartbeats not written', 'count'],
      ['loss_runlog_enqueue_timeouts', 'slow writes of the run log', 'count']
    ]
  ],
  [
    'Time',
    [
      ['loop_lag_ms_max_last_interval', 'event loop late by, longest', 'ms'],
      ['ws_rx_to_enqueue_ms', 'received to batch', 'ms'],
      ['rx_to_written_ms', 'received to written', 'ms'],
      ['rx_to_synced_ms', 'received to safe on disk', 'ms'],
      ['ws_rx_to_applied_ms', 'received to in the book', 'ms'],
      ['write_end_to_apply_ms', 'written to in the book', 'ms'],
      ['apply_update_ms', 'work of the tape on a record', 'ms'],
      ['write_ns', 'one write', 'ns'],
      ['ingest_ns', 'received to end of write', 'ns'],
      ['backpressure_ns', 'received to start of write', 'ns'],
      ['hb_tick_work_ns', 'work for a heartbeat', 'ns']
    ]
  ],
  [
    'Queues',
    [
      ['frame_write_queue_size', 'records waiting for the log', 'count'],
      ['parse_queue_size', 'records the tape has not taken', 'count'],
      ['parse_q_depth', 'flushes on their way to the tape', 'count'],
      ['parse_processed', 'records the tape took', 'count'],
      ['flushes_without_credit', 'flushes read back from the log', 'count']
    ]
  ],
  [
    'Disk',
    [
      ['synced_bytes', 'log safe on disk', 'shards'],
      ['idx_synced_bytes', 'index safe on disk', 'shards'],
      ['disk_free_bytes', 'free', 'bytes'],
      ['disk_check_ns', 'look at the free space', 'ns']
    ]
  ],
  [
    'Journal',
    [
      ['journal_lines', 'lines kept', 'count'],
      ['journal_lag_ms', 'behind by', 'ms'],
      ['journal_queue_bytes', 'waiting', 'bytes'],
      ['journal_missed_lines', 'lines missed', 'count'],
      ['journal_faults', 'refused by the disk', 'count']
    ]
  ],
  [
    'List of markets',
    [
      ['universe_version', 'version', 'count'],
      ['refresh_last_decision_reason', 'last decision', 'word'],
      ['refresh_count', 'refreshes', 'count'],
      ['refresh_failures', 'failed', 'count'],
      ['refresh_interval_seconds_current', 'asked every', 's'],
      ['refresh_churn_pct_last', 'changed by', 'percent'],
      ['tokens_added_last', 'tokens that came', 'count'],
      ['tokens_removed_last', 'tokens that went', 'count'],
      ['shards_refreshed_last', 'connections renewed', 'count'],
      ['markets_seen', 'markets listed', 'count'],
      ['tokens_selected', 'tokens selected', 'count'],
      ['gamma_pages_fetched', 'pages read', 'count'],
      ['universe_refresh_duration_ms', 'took', 'ms'],
      ['refresh_skipped_delta_below_min_count', 'skipped, too small', 'count'],
      ['refresh_inflight_skipped_count', 'skipped, one was under way', 'count'],
      ['expected_churn_reason', 'expected change', 'word']
    ]
  ]
]

/** Told elsewhere on the screen, told twice in the heartbeat, or of no use to a reader. */
export const LEFT_OUT: readonly string[] = [
  'record_type',
  'run_id',
  'hb_wall_ns_utc',
  'hb_mono_ns',
  'ws_rx_to_parsed_ms',
  'confirm_failures',
  'frame_write_processed',
  'metrics_writer_errors',
  'disk_check_performed',
  'universe_refresh_worker_duration_ms',
  'expected_churn_bool',
  'rollover_window_hit',
  'expiry_window_hit',
  'loss_parse_queue_drops',
  'loss_parse_results_drops',
  'parse_worker_dropped',
  'parse_results_dropped',
  'fee_regime_state',
  'circuit_breaker_reason'
]

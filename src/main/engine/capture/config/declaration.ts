import { z } from 'zod'
import { address, choice, flag, freeText, list, number, optional, pattern, text, whole } from './setting.ts'
import { JOURNAL } from './journalSettings.ts'
import { WORLD } from './world.ts'

const symbol = z
  .string()
  .regex(/^\S{1,40}$/u)
  .transform((value) => value.toUpperCase()) as unknown as z.ZodType<string>
const tokenId = z.string().regex(/^[0-9A-Za-z_-]{1,100}$/)
const stream = z.enum(['trade', 'depth@100ms', 'depth', 'bookTicker', 'aggTrade']) as unknown as z.ZodType<string>

const WHERE = {
  venue: choice(['polymarket', 'binance'], 'polymarket', 'Which venue is recorded.'),
  gammaBaseUrl: address('http', 'https://gamma-api.polymarket.com', 'Polymarket: where the list of markets is.'),
  clobBaseUrl: address('http', 'https://clob.polymarket.com', 'Polymarket: where full books are.'),
  clobWsUrl: address('ws', 'wss://ws-subscriptions-clob.polymarket.com/ws/market', 'Polymarket: the market channel.'),
  binanceRestUrl: address('http', 'https://api.binance.com', 'Binance: where symbols and depth snapshots are.'),
  binanceWsUrl: address('ws', 'wss://stream.binance.com:9443', 'Binance: the streams.'),
  symbols: list(symbol, 300, ['BTCUSDT'], 'a list of symbols', 'Binance: symbols to record.'),
  binanceStreams: list(
    stream,
    5,
    ['trade', 'depth@100ms', 'bookTicker', 'aggTrade'],
    'a list of trade, depth@100ms, depth, bookTicker, aggTrade',
    'Binance: streams of each symbol. `aggTrade` repeats `trade` in another form: it is recorded as it comes and makes no events.'
  ),
  binanceRenewSeconds: number(
    1,
    86_400,
    85_800,
    'Binance: age at which a connection is replaced, before the venue cuts it after 24 hours. The old one is closed when the new one brings data.'
  ),
  tokenIds: list(
    tokenId,
    20_000,
    [],
    'a list of token ids',
    'Polymarket: tokens to record; when given, the list of markets is not asked for.'
  ),
  gammaLimit: whole(1, 500, 100, 'Polymarket: markets a page when asking for the list.'),
  restTimeout: number(0.1, 120, 10, 'Seconds until an HTTP request is given up.')
}

const CONNECTIONS = {
  wsShards: optional(
    whole(1, 64, 8, 'Connections. `none`: about one for 150 instruments, at least 8 for Polymarket and 1 for Binance, at most 64.'),
    null
  ),
  wsSubscribeMaxTokens: whole(1, 10_000, 200, 'Polymarket: tokens in one subscribe message.'),
  wsSubscribeMaxBytes: whole(256, 1_048_576, 32_768, 'Polymarket: bytes of one subscribe message.'),
  wsReconnectMax: optional(whole(0, 1_000_000, 10, 'Reconnects of one shard before the run ends as failed. `none`: any number.'), 10),
  wsReconnectBackoffSeconds: number(0.01, 600, 1, 'Pause before connecting again.'),
  wsPingIntervalSeconds: number(0.05, 86_400, 10, 'Polymarket: time between two `PING` texts.'),
  wsPingTimeoutSeconds: number(0.05, 600, 10, 'Polymarket: how long `PONG` is waited for.'),
  wsDataIdleReconnectSeconds: number(
    0.1,
    86_400,
    120,
    'A connection without data for so long is renewed. After a tenth of it, it is shown as silent.'
  ),
  wsUserAgent: text(200, 'tapedeck', 'Sent with every request.'),
  captureConfirmTokensPerShard: whole(
    1,
    10_000,
    25,
    'Tokens of each shard that missing_tokens.json names as its marks: the markets with the most volume, else the first by hash.'
  ),
  captureConfirmTimeoutSeconds: number(
    0.1,
    3600,
    45,
    'How long the first data after connecting are waited for, and the first full book of each token before it is subscribed again.'
  ),
  captureConfirmMinEvents: whole(0, 1_000_000, 1, 'Messages with data after which a subscription counts as confirmed. 0: when it is open.'),
  captureConfirmMaxFailures: whole(0, 1000, 3, 'Unconfirmed attempts of one shard that are let pass before the run ends as failed.')
}

const RECORDS = {
  captureFramesSchemaVersion: whole(2, 2, 2, 'Version of the frame log that is written. Version 1 is read, never written.'),
  captureBackpressureFatalMs: number(
    1,
    600_000,
    250,
    'The run ends when the time from receiving to writing is above it (99th percentile) in three heartbeats in a row.'
  ),
  captureRingBufferFrames: whole(1, 1_000_000, 4096, 'Newest records of each shard that are set aside when a run has to end.'),
  captureMetricsMaxSamples: whole(16, 1_000_000, 1024, 'Newest samples of each series of times that quantiles are made of.'),
  captureRunlogEnqueueTimeoutSeconds: number(
    0.001,
    60,
    1,
    'A record of the run log whose writing takes longer is counted as `loss_runlog_enqueue_timeouts`. It is written all the same.'
  ),
  captureNdjsonFsyncOnClose: flag(false, 'Makes the metrics durable at the end too. Manifest, run log and frame log always are.'),
  captureNdjsonFsyncIntervalSeconds: optional(
    number(0.05, 3600, 60, 'Time between two syncs of the run log and the metrics while recording. `none`: only at the end.'),
    null
  ),
  captureHeartbeatIntervalSeconds: number(0.05, 60, 1, 'Time between two heartbeats.'),
  captureFsyncIntervalSeconds: number(0.01, 1, 1, 'How far the acknowledged bytes may lag behind what was received.'),
  captureDiskUsageIntervalSeconds: number(0.1, 3600, 10, 'Time between two looks at the free space.'),
  captureCoverageMetricsIntervalSeconds: number(
    0.1,
    3600,
    5,
    'Time between two counts of the tokens whose first book has come (`coverage_pct`). Missing ones are looked for every second.'
  ),
  captureWindowsHighResTimerEnable: flag(
    true,
    'Windows only: a batch is written on time although the timers of the system tick every 15.6 ms. No effect elsewhere.'
  ),
  captureGcDisable: flag(true, 'No effect: the garbage collector here cannot be switched off, and the hot path leaves it nothing to do.')
}

const UNIVERSE = {
  captureMaxMarkets: optional(whole(1, 20_000, 2000, 'Polymarket: most markets to record, newest first. `none`: all.'), 2000),
  captureUniverseRefreshEnable: flag(true, 'Polymarket: the list of markets is asked for again and again while recording.'),
  captureUniverseRefreshIntervalSeconds: number(0.1, 86_400, 60, 'Time between two refreshes of the list.'),
  captureUniverseRefreshTimeoutSeconds: number(0.1, 3600, 30, 'Time after which a refresh is given up.'),
  captureUniverseRefreshStaggerSeconds: number(0, 600, 0.25, 'Pause between the reconnects of two shards whose tokens changed.'),
  captureUniverseRefreshGraceSeconds: number(
    0,
    3600,
    30,
    'Time that an added token has to send its first book before it counts as missing.'
  ),
  captureUniverseRefreshMinDeltaTokens: whole(0, 100_000, 2, 'Changes of fewer tokens are left for later.'),
  captureUniverseRefreshMaxChurnPct: number(
    0,
    100_000,
    10,
    'A change of more than this share of the tokens is not believed, unless it was expected.'
  ),
  captureUniverseRefreshMaxIntervalSeconds: number(
    0.1,
    86_400,
    600,
    'The interval doubles with each change that is not believed, up to here.'
  ),
  captureUniverseRefreshChurnGuardConsecutiveFatal: whole(
    1,
    1000,
    5,
    'Changes in a row that are not believed before the run ends as failed.'
  ),
  captureExpectedChurnEnable: flag(true, 'A large change is believed when most of its markets have just started or ended.'),
  captureExpectedChurnWindowSeconds5m: number(0, 3600, 30, 'How near to a five-minute boundary a market of that cadence may come or go.'),
  captureExpectedChurnWindowSeconds15m: number(0, 3600, 60, 'The same for a quarter of an hour.'),
  captureExpectedChurnWindowSeconds30m: number(0, 3600, 90, 'The same for half an hour.'),
  captureExpectedChurnWindowSeconds60m: number(0, 3600, 120, 'The same for an hour.'),
  captureExpectedChurnExpiryWindowSeconds: number(0, 86_400, 300, 'How near to its end a market may come or go.'),
  captureExpectedChurnMinRatio: number(0, 1, 0.5, 'Share of the changed markets that must be expected.')
}

const FEES = {
  feeRateEnable: flag(
    false,
    'Asking the venue for fee rates. This version does not: only false is accepted, and the state of the fees is `OK`, `DISABLED`.'
  ),
  feeRateBaseUrl: address(
    'http',
    'https://clob.polymarket.com',
    'Where fee rates would be asked for. No effect while `fee_rate_enable` is false; so with all settings of fees.'
  ),
  feeRateTimeoutSeconds: number(0.1, 120, 5, 'No effect.'),
  feeRateCacheTtlSeconds: number(1, 86_400, 300, 'No effect.'),
  feeRateMaxInFlight: whole(1, 1000, 25, 'No effect.'),
  feeRatePrefetchMaxTokens: whole(0, 100_000, 200, 'No effect.'),
  feeRateRefreshTimeoutSeconds: number(0.1, 120, 2, 'No effect.'),
  feeRegimeSampleSizePerCycle: whole(0, 100_000, 50, 'No effect.'),
  feeRegimeCanaryTokenIds: freeText(100_000, '', 'No effect.'),
  feeRegimeExpect15mCryptoFeeEnabled: flag(true, 'No effect.'),
  feeRegimeExpectOtherFeeFree: flag(true, 'No effect.'),
  feeRegimeExpectUnknownFeeFree: flag(true, 'No effect.'),
  feeRegimeExpectedFeeRateBpsValues: freeText(10_000, '', 'No effect.'),
  policyDefaultId: text(100, 'default', 'Policy of the markets that no rule fits.'),
  policyRulesJson: freeText(
    1_000_000,
    '[]',
    'Rules that give markets a policy: a JSON list of `{policy_id, cadence_bucket, is_crypto, fee_enabled, fee_rate_known}`, or an object with `default_policy_id` and `rules`. The first rule that fits counts; text that is no such list gives no rules.'
  )
}

const RUN = {
  dataDir: text(4096, './data', 'The data folder; the bundle is made in `runs/` below it.'),
  minFreeDiskGb: optional(number(0, 1_000_000, 5, 'The run ends when less is free, in 10^9 bytes. `none`: never.'), 5),
  offline: flag(false, 'Refuses to start when an address of the venue is not on this machine.'),
  runtimeWindowsHighResTimerEnable: flag(
    true,
    'No effect: a live run of a strategy takes each message as it comes, and nothing in it waits for a timer of the system.'
  ),
  runId: optional(
    pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, '', 'Name of the run and of its folder. `none`: made from the time and chance.'),
    null
  ),
  durationSeconds: optional(number(0.05, 31_536_000, 60, 'The run ends by itself after so long. `none`: it does not.'), null),
  synthetic: flag(false, 'Marks the bundle as made by a generator.'),
  sourceName: optional(text(200, '', 'Name of the source for people. `none`: the venue’s.'), null)
}

/** Every setting of a capture. Keys are the original system's own names in camel case; on disk, in flags and in the environment they keep their form. */
export const DECLARATION = { ...WHERE, ...CONNECTIONS, ...UNIVERSE, ...WORLD, ...RECORDS, ...JOURNAL, ...FEES, ...RUN }

/** The settings as people look for them, group by group. */
export const GROUPS = [
  { title: 'Venue and addresses', settings: WHERE },
  { title: 'Connections', settings: CONNECTIONS },
  { title: 'List of markets', settings: UNIVERSE },
  { title: 'Weather', settings: WORLD },
  { title: 'Recording', settings: RECORDS },
  { title: 'Journals', settings: JOURNAL },
  { title: 'Fees and policies', settings: FEES },
  { title: 'Run', settings: RUN }
] as const

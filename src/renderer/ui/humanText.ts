import type { Integrity } from '../../shared/channels/index.ts'

/** Bytes for people: 1.2 GB. Decimal units, as disks are sold. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`
}

/** A count with thin spaces between thousands. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009')
}

/** A span as 1:02:03 or 02:03. */
export function durationText(ns: number): string {
  const total = Math.max(0, Math.floor(ns / 1e9))
  const two = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(total / 3600)
  const rest = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`
  return hours === 0 ? rest : `${hours}:${rest}`
}

/** An age in words: "12 s", "5 min 12 s", "3 h 05 min", "2 d 4 h". */
export function ageText(seconds: number): string {
  const total = Math.max(0, Math.round(seconds))
  if (total < 60) return `${total} s`
  const minutes = Math.floor(total / 60)
  if (minutes < 60) return `${minutes} min ${total % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${String(minutes % 60).padStart(2, '0')} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** How far behind: tenths below ten seconds, then as an age. */
export function behindText(ns: number): string {
  const seconds = Math.max(0, ns / 1e9)
  return seconds < 10 ? `${seconds.toFixed(1)} s` : ageText(seconds)
}

/** Date and time of a bundle's start, UTC: 2024-08-09 13:45. */
export function startText(tsNs: string): string {
  if (!/^\d+$/.test(tsNs) || tsNs === '0') return 'no start time'
  return new Date(Number(BigInt(tsNs) / 1_000_000n)).toISOString().slice(0, 16).replace('T', ' ')
}

export function speedText(speed: number): string {
  return speed === 0 ? 'max' : `${speed}×`
}

const KINDS: Readonly<Record<Integrity['kind'], string>> = {
  GAP_DETECTED: 'Gap',
  BOOK_RESYNC_START: 'Resync started',
  BOOK_RESYNC_DONE: 'Book trusted again',
  FEED_OPEN: 'Feed open',
  FEED_CLOSED: 'Feed closed',
  MALFORMED_FRAME: 'Unreadable message',
  CLOCK_STEP: 'Clock step',
  LEVELS_DROPPED: 'Levels dropped',
  SNAPSHOT_FAILED: 'No snapshot',
  BOOK_MISSING: 'No book',
  INSTRUMENTS_DROPPED: 'Instruments left out'
}

const REASONS: Readonly<Record<Integrity['reason'], string>> = {
  none: '',
  sequence_hole: 'update numbers are missing',
  hash_mismatch: 'the venue’s book hash differs',
  top_mismatch: 'the venue’s best prices differ',
  crossed_book: 'bid above ask',
  disconnected: 'the connection was lost',
  data_idle: 'the feed fell silent',
  no_watermark: 'no sign of life from the feed',
  first_snapshot: 'the first full book did not come',
  tick_size_changed: 'the tick size changed',
  stopped: 'closed on purpose',
  undecodable: 'it could not be decoded',
  wall_clock: 'this computer’s clock was set',
  venue_clock: 'the venue’s clock jumped',
  too_many_levels: 'more levels than are kept',
  snapshot_failed: 'a snapshot request failed',
  missing_bytes: 'bytes are missing in the bundle',
  book_mismatch: 'the venue’s full book differs',
  changes_dropped: 'too many changes waited for a full book',
  too_many_instruments: 'more instruments than are kept'
}

/** What an integrity event says, in plain words. */
export function integrityText(kind: Integrity['kind'], reason: Integrity['reason']): { readonly what: string; readonly why: string } {
  return { what: KINDS[kind], why: REASONS[reason] }
}

/** Clock of a time zone: "09:45:12 EDT". */
export function zoneClock(timeZone: string): (ms: number) => string {
  // Each locale knows its own zone's abbreviation (EDT, CEST); the other would say GMT+2.
  const locale = timeZone.startsWith('America/') ? 'en-US' : 'en-GB'
  const format = new Intl.DateTimeFormat(locale, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short'
  })
  return (ms) => format.format(ms)
}

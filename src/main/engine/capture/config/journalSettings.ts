import { choice, flag, number, whole } from './setting.ts'

/** Settings of the recorder: what of the tape is kept as journals, and in which pieces. */
export const JOURNAL = {
  journal: flag(true, 'What the tape makes is recorded as journals too, one for each channel. The raw recording does not depend on it.'),
  journalKeep: choice(
    ['light', 'all'],
    'light',
    'Which events a journal keeps. `light`: seconds, weather, windows and integrity always, trades and changes of books inside event windows. `all`: every event.'
  ),
  windowExtend: flag(
    false,
    'Event windows: a trigger whose window is open for the same market or station makes that one longer instead of opening another.'
  ),
  journalSegmentSeconds: number(1, 86_400, 900, 'A segment of a journal ends after so long.'),
  journalSegmentBytes: whole(65_536, 4_294_967_296, 67_108_864, 'A segment of a journal ends at about so many compressed bytes.'),
  journalRingMinutes: number(
    5,
    30,
    15,
    'How far back LIVE fills the screen when it opens or shows another market; what is older is a rewind away. It is read from the frame log.'
  ),
  journalSalvage: flag(
    true,
    'Segments that a crash left unfinished are saved, up to their last proved line, when a capture starts. Off: they are deleted, as the original recorder does; the raw recording stays.'
  )
}

/** Where an invented station stands. */
export interface PracticePlace {
  readonly id: string
  readonly name: string
  readonly lat: number
  readonly lon: number
  readonly elevM: number
}

const PLACES: readonly PracticePlace[] = [
  { id: 'KLGA', name: 'New York/La Guardia Arpt, NY, US', lat: 40.7795, lon: -73.8803, elevM: 3 },
  { id: 'KJFK', name: 'New York/JF Kennedy Intl, NY, US', lat: 40.6392, lon: -73.7639, elevM: 4 },
  { id: 'KTEB', name: 'Teterboro Arpt, NJ, US', lat: 40.8501, lon: -74.0608, elevM: 2 }
]

/** The place of a station; one that is not in the list stands near New York all the same. */
export function practicePlace(id: string): PracticePlace {
  return PLACES.find((place) => place.id === id) ?? { id, name: `${id} practice station`, lat: 40.75, lon: -73.95, elevM: 10 }
}

export const PRACTICE_STATIONS: readonly string[] = PLACES.map(({ id }) => id)

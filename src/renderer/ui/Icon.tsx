const PATHS = {
  play: 'M5 3.5v9l7.5-4.5z',
  pause: 'M4.5 3.5h2.6v9H4.5zM8.9 3.5h2.6v9H8.9z',
  home: 'M3.5 3.5h1.6v9H3.5zM12.5 3.5v9L6 8z',
  end: 'M10.9 3.5h1.6v9h-1.6zM3.5 3.5v9L10 8z',
  back: 'M12 3.5v9L5.5 8zM4 3.5h1.2v9H4z',
  forward: 'M4 3.5v9L10.500 8zM10.8 3.5H12v9h-1.200z',
  step: 'M3 4.500v7l5-3.500zM10.500 8a1.700 1.700 0 1 0 3.400 0a1.700 1.700 0 1 0-3.400 0z',
  close: 'M4.100 3.200 8 7.100l3.900-3.900.9.9L8.900 8l3.900 3.900-.9.9L8 8.900l-3.900 3.900-.9-.9L7.100 8 3.200 4.100z',
  folder: 'M2 4h4.500l1.300 1.500H14V12.500H2z',
  record: 'M8 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8z',
  stop: 'M4 4h8v8H4z',
  previous: 'M9.500 3.200 4.700 8l4.800 4.800 1.100-1.100L6.900 8l3.700-3.700z',
  next: 'M6.500 3.200 5.400 4.300 9.100 8l-3.700 3.700 1.100 1.100L11.300 8z',
  loop: 'M4 4.300h7.200V2.600L14 5l-2.800 2.400V5.700H5.400v2H4zM12 11.700H4.800v1.700L2 11l2.800-2.400v1.700h5.800v-2H12z',
  flag: 'M3.500 2.500h1.300V3h7.700l-2 3 2 3H4.800v4.500H3.500z',
  copy: 'M5.500 2h7.500v8.500h-1.300V3.300H5.500zM3 4.500h7.500V13H3zM4.300 5.800v5.900h4.900V5.800z',
  sliders: 'M2 4h6.500v1.400H2zM11.500 4H14v1.400h-2.500zM9 2.700h2v4H9zM2 10.600h2.500V12H2zM7.500 10.600H14V12H7.500zM5 9.300h2v4H5z'
} as const

export type IconName = keyof typeof PATHS

/** A small picture beside or instead of a label; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="currentColor" />
    </svg>
  )
}

/**
 * What the preload offers the page as `window.studio` on the desktop. Named methods only.
 * `openFrames` makes the preload post `{ kind: 'tapedeck-frames' }` to this window with one MessagePort: binary frames come in on it,
 * `{ grant: bytes }` goes back.
 */
export interface StudioBridge {
  /** Takes a StudioCommand, answers its CommandReply. */
  call(command: unknown): Promise<unknown>
  openFrames(): void
  /** Full path of a dropped or chosen file or folder; empty when it has none. */
  pathForFile(file: File): string
  readonly platform: string
}

declare global {
  interface Window {
    readonly studio?: StudioBridge
  }
}

import type { CommandName, CommandReply, StudioCommand, StudioTransport } from '../../shared/api/index.ts'
import { toFailure } from '../../shared/errors.ts'
import type { StudioBridge } from './studioBridge.ts'

/** The desktop's way to the studio: commands through the preload, frames through a MessagePort. */
export function electronTransport(bridge: StudioBridge, page: Window): StudioTransport {
  let port: MessagePort | undefined
  let onFrame: (frame: Uint8Array) => void = () => undefined
  let onClosed: (reason: string) => void = () => undefined

  const adopt = (event: MessageEvent): void => {
    if (event.source !== page || (event.data as { kind?: unknown } | null)?.kind !== 'tapedeck-frames') return
    port?.close()
    port = event.ports[0]
    if (port === undefined) return
    port.addEventListener('message', (message: MessageEvent) => {
      const frame = bytesOf(message.data)
      if (frame !== undefined) onFrame(frame)
    })
    port.addEventListener('close', () =>
      onClosed('The connection inside the app was lost. Trying again; nothing that was recorded is lost.')
    )
    port.start()
  }

  page.addEventListener('message', adopt)
  return {
    async call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>) {
      try {
        return (await bridge.call(command)) as CommandReply<N>
      } catch (error) {
        return { ok: false, failure: toFailure(error) }
      }
    },
    onFrame(listener) {
      onFrame = listener
      // The port is asked for only when somebody listens, so that no frame is missed.
      bridge.openFrames()
    },
    grant: (bytes) => port?.postMessage({ grant: bytes }),
    onClosed(listener) {
      onClosed = listener
    },
    close() {
      page.removeEventListener('message', adopt)
      onClosed = () => undefined
      port?.close()
      port = undefined
    }
  }
}

/** Bytes of a message, whichever of the two forms it came in; undefined for anything else. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined
}

import { z } from 'zod'

/** The first text message of a screen. */
const hello = z.strictObject({ token: z.string().max(200) })

/** Every later one. The command itself is checked by the engine. */
const message = z.union([
  z.strictObject({ id: z.number().int().nonnegative(), command: z.unknown() }),
  z.strictObject({ grant: z.number().nonnegative() })
])

export type ClientMessage = z.infer<typeof message>

/** @returns the token, undefined when the message is anything else */
export function readHello(text: string): string | undefined {
  return hello.safeParse(parse(text)).data?.token
}

/** @returns undefined when the text is not JSON, or not a message of the studio */
export function readMessage(text: string): ClientMessage | undefined {
  return message.safeParse(parse(text)).data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

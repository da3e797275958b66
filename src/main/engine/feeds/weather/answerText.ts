import type { Rejected } from './observation.ts'

/** More than any answer of these services to the questions asked here; a larger one is not read. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const MAX_REJECTED = 100
const SHOWN = 200

export type AnswerBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'rejected'; readonly rejected: Rejected }

/** What an HTTP body is: nothing, JSON, text, or something that these services do not send. */
export function answerBody(body: Uint8Array): AnswerBody {
  if (body.length > MAX_ANSWER_BYTES) return refused('too_large', `${body.length} bytes`)
  const text = new TextDecoder().decode(body).trim()
  if (text === '') return { kind: 'empty' }
  if (text.startsWith('<')) return refused('html', text)
  if (!/^[[{]/.test(text)) return { kind: 'text', text }
  try {
    return { kind: 'json', value: JSON.parse(text) as unknown }
  } catch {
    return refused('malformed_json', text)
  }
}

/** Keeps the first reasons; a thousand broken parts say no more than a hundred. */
export class RejectedList {
  readonly items: Rejected[] = []

  add(reason: string, part: unknown): void {
    if (this.items.length < MAX_REJECTED) this.items.push({ reason, text: shown(part) })
  }
}

function refused(reason: string, text: string): AnswerBody {
  return { kind: 'rejected', rejected: { reason, text: shown(text) } }
}

function shown(part: unknown): string {
  const text = typeof part === 'string' ? part : (JSON.stringify(part) ?? '')
  return text.slice(0, SHOWN)
}

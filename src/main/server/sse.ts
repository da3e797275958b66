import type { IncomingMessage, ServerResponse } from 'node:http'
import { StudioError, toFailure } from '../../shared/errors.ts'
import type { StreamSource } from '../engine/index.ts'
import { StreamClient } from './streamClient.ts'
import { readCommand, subscriptionOf, type ClientCommand } from './streamCommand.ts'

const HEARTBEAT_MS = 15_000

/** A connection under way. */
export interface EventStream {
  /** Sends what still waits, for so long at most. */
  finish(limitMs: number): Promise<void>
  end(): void
}

/** Reads a list from a query: `a,b`. */
function list(query: URLSearchParams, name: string): string[] | undefined {
  const text = query.get(name)
  return text === null || text === '' ? undefined : text.split(',')
}

/** What an event stream is asked for by its address. @throws StudioError USAGE */
function commandsOf(query: URLSearchParams, isReplay: boolean): { subscribe: ClientCommand; after: ClientCommand[] } {
  const given = (fields: Readonly<Record<string, unknown>>): ClientCommand => readCommand(JSON.stringify(fields))
  const subscribe = given({
    cmd: 'subscribe',
    channels: list(query, 'channels'),
    mode: query.get('mode') ?? undefined,
    tokens: list(query, 'tokens'),
    stations: list(query, 'stations')
  })
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null) return undefined
    if (text.trim() === '' || !Number.isFinite(Number(text))) throw new StudioError('USAGE', `${name} in the address must be a number.`)
    return Number(text)
  }
  const after: ClientCommand[] = []
  const speed = number('speed')
  const relNs = number('from_rel_ns')
  const utc = query.get('from_utc') ?? undefined
  if (speed !== undefined) after.push(given({ cmd: 'speed', speed }))
  if (relNs !== undefined || utc !== undefined) after.push(given({ cmd: 'seek', rel_ns: relNs, ts_utc: utc }))
  if (isReplay) after.push(given({ cmd: 'play' }))
  return { subscribe, after }
}

/**
 * The twin of the WebSocket over plain HTTP: events as `data:`, control messages as `event: control`. All is asked for in the address; a
 * replay plays at once.
 */
export function serveEventStream(
  request: IncomingMessage,
  response: ServerResponse,
  source: StreamSource,
  query: URLSearchParams
): EventStream | undefined {
  let client: StreamClient | undefined
  try {
    const { subscribe, after } = commandsOf(query, source.facts.mode === 'replay')
    const clock = clockOf(query.get('clock') ?? 'own')
    const pipe = {
      get bufferedBytes() {
        return response.writableLength
      },
      send: (text: string, kind: 'data' | 'control') =>
        void response.write(kind === 'data' ? `data: ${text}\n\n` : `event: control\ndata: ${text}\n\n`)
    }
    const subscription = subscriptionOf(subscribe as Extract<ClientCommand, { cmd: 'subscribe' }>)
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
    client = new StreamClient({ pipe, source, subscription, clock })
    void play(client, after, pipe.send)
  } catch (error) {
    return refuse(response, error)
  }
  const heartbeat = setInterval(() => client.heartbeat(), HEARTBEAT_MS)
  const end = (): void => {
    clearInterval(heartbeat)
    client.close()
    response.end()
  }
  request.on('close', end)
  response.on('close', end)
  return { end, finish: (limitMs) => client.finish(limitMs) }
}

function clockOf(text: string): 'own' | 'shared' {
  if (text === 'own' || text === 'shared') return text
  throw new StudioError('USAGE', `clock in the address must be own or shared; it is ${text.slice(0, 40)}.`)
}

async function play(
  client: StreamClient,
  commands: readonly ClientCommand[],
  send: (text: string, kind: 'control') => void
): Promise<void> {
  try {
    for (const command of commands) await client.command(command)
  } catch (error) {
    const { code, message } = toFailure(error)
    send(JSON.stringify({ type: 'error', code, message }), 'control')
  }
}

function refuse(response: ServerResponse, error: unknown): undefined {
  const { code, message } = toFailure(error)
  const body = JSON.stringify({ ok: false, failure: { code, message } })
  if (response.headersSent) response.end(`event: control\ndata: ${JSON.stringify({ type: 'error', code, message })}\n\n`)
  else response.writeHead(code === 'BUSY' ? 503 : 400, { 'Content-Type': 'application/json' }).end(body)
  return undefined
}

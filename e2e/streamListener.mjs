// A program of somebody else's: plain `ws`, no code of Tapedeck. Prints every message that it gets, one a line.
// usage: node streamListener.mjs <address> [command as JSON]...    ends with the connection, or when a replay has finished
import { WebSocket } from 'ws'

const [, , address, ...commands] = process.argv
const socket = new WebSocket(address)
let playing = false
socket.on('message', (data) => {
  const text = Buffer.from(/** @type {Buffer} */ (data)).toString()
  const message = JSON.parse(text)
  process.stdout.write(`${text}\n`)
  if (message.type === 'hello') for (const command of commands) socket.send(command)
  if (message.type === 'replay_state' && message.state === 'playing') playing = true
  if (message.type === 'replay_state' && message.state === 'finished' && playing) socket.close()
})
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})

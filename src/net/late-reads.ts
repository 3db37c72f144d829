import type { Socket } from 'node:net'

/** Sockets are read again at multiples of this, ms: many in one turn of the event loop, by one timer for them all. */
export const READ_ROUND_MS = 10

/** Sockets that wait for their next read, by the number of the round. */
const rounds = new Map<number, Socket[]>()

/**
 * Reads a socket again after a while, unless it has been paused since. Its reading is stopped already.
 * @param delayMs rounded up to whole rounds
 */
export function readLater(socket: Socket, delayMs: number): void {
  const now = performance.now()
  const round = Math.ceil((now + delayMs) / READ_ROUND_MS)
  const waiting = rounds.get(round)
  if (waiting !== undefined) {
    waiting.push(socket)
    return
  }
  rounds.set(round, [socket])
  setTimeout(() => readRound(round), round * READ_ROUND_MS - now).unref()
}

function readRound(round: number): void {
  const waiting = rounds.get(round) ?? []
  rounds.delete(round)
  for (const socket of waiting) {
    // Somebody may have paused it for reasons of his own.
    if (!socket.isPaused()) {
      socket.resume()
    }
  }
}

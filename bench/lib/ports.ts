import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from './child.ts'

/** How long a server may take until it listens, ms. */
const START_TIMEOUT_MS = 15_000
/** How often it is tried, ms. */
const RETRY_MS = 20

/** A port of 127.0.0.1 that nobody listens on just now; for programs that can't be asked which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP listener without a port')
  }
  return address.port
}

/**
 * Resolves when something listens on a port of 127.0.0.1.
 * @param child the server; said to have failed if it ends or takes too long
 */
export async function waitForPort(port: number, child: Child): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await answers(port))) {
    if (child.ended) {
      throw child.error('ended before it listened')
    }
    if (performance.now() > deadline) {
      throw child.error(`does not listen on port ${port} after ${START_TIMEOUT_MS} ms`)
    }
    await sleep(RETRY_MS)
  }
}

async function answers(port: number): Promise<boolean> {
  const socket: Socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'
import type { Program } from './program.ts'
import { waitFor } from './wait.ts'

/** Below those that systems give to connections, and to listeners that leave the choice to them: none of them comes in between. */
const [FIRST_PORT, LAST_PORT] = [10_000, 32_000]
/** Each process of Vitest chooses among some of its own, whatever others choose meanwhile. */
const PORTS_EACH = 2_000
const WORKERS: number = (LAST_PORT - FIRST_PORT) / PORTS_EACH

const first: number = FIRST_PORT + (Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS) * PORTS_EACH
/** Where it looks next: what was given is not given again soon, for it may not be listened on yet. */
let next: number = randomInt(PORTS_EACH)

/** A port of 127.0.0.1 that nobody listens on just now, nor is about to; for programs that can't choose one by themselves. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (next++ % PORTS_EACH)
    if (await isFree(port)) {
      return port
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Resolves when a program listens on a port of 127.0.0.1. @throws Error, with what it printed, if it does not come to that */
export async function waitForPort(name: string, port: number, program: Program): Promise<void> {
  await waitFor(
    () => `${name} listens: ${program.output}`,
    () => {
      if (program.ended) {
        throw new Error(`${name} ended: ${program.output}`)
      }
      return accepts(port)
    },
  )
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Program } from './program.ts'
import { waitFor } from './wait.ts'

/** A port of 127.0.0.1 that nobody listens on just now; for programs that can't choose one by themselves. */
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

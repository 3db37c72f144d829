import { connect, createServer, type Socket } from 'node:net'
import type { Scope } from './server.ts'

/** What a PROXY header says, version 1. */
export function proxyHeader1(address: string): Buffer {
  return Buffer.from(`PROXY TCP4 ${address} 198.51.100.1 40000 1935\r\n`)
}

/** What a PROXY header says, version 2, with a TLV that nobody knows. */
export function proxyHeader2(address: string, command = 1): Buffer {
  const addresses = Buffer.from([...address.split('.').map(Number), 198, 51, 100, 1, 0x9c, 0x40, 7, 0x8f])
  const tlv = Buffer.from([0xe5, 0, 3, 1, 2, 3])
  const fixed = Buffer.from([0x20 | command, 0x11, 0, addresses.length + tlv.length])
  return Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), fixed, addresses, tlv])
}

/**
 * A proxy: passes bytes on to a URL's host and port, after a header.
 * @param pieces the header in pieces; each is sent on its own, the last one with what comes first from the client
 * @returns the URL with the proxy's host and port
 */
export async function startForwarder(scope: Scope, url: string, pieces: readonly Buffer[]): Promise<string> {
  const target = new URL(url)
  const destination = { host: target.hostname, port: Number(target.port), noDelay: true }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(destination)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
    client.once('data', (bytes: Buffer) => {
      client.pause()
      void sendPieces(upstream, [...pieces.slice(0, -1), Buffer.concat([...pieces.slice(-1), bytes])]).then(
        () => {
          client.pipe(upstream)
          upstream.pipe(client)
        },
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  scope.onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy()
    }
    server.close()
  })
  const address = server.address()
  target.port = String(typeof address === 'object' ? address?.port : 0)
  return target.href.replace(/\/$/, '')
}

/** One after the other, so that each most likely comes as a read of its own. */
async function sendPieces(upstream: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => upstream.write(piece, resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

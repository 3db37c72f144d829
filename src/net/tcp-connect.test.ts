import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { SocketSink } from './socket-sink.ts'
import { connectTcp, findAddress } from './tcp-connect.ts'
import { listenTcp } from './tcp-listener.ts'

async function listenForSockets(): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, 'a test', (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  onTestFinished(async () => {
    for (const socket of sockets) {
      socket.destroy()
    }
    await listener.close()
  })
  return { port: listener.address.port, sockets }
}

it('connections that share a buffer each get their own bytes, and close when the peer does', async () => {
  const { port, sockets } = await listenForSockets()
  const buffer = Buffer.alloc(8)
  const received = ['', '']
  const clients = received.map((_, index) =>
    connectTcp({
      host: '127.0.0.1',
      port,
      buffer,
      onRead: (length) => {
        received[index] += buffer.toString('latin1', 0, length)
      },
    }),
  )
  const closed = clients.map((client) => once(client, 'close'))
  await Promise.all(clients.map((client) => once(client, 'connect')))
  for (const [index, client] of clients.entries()) {
    new SocketSink(client).write(Buffer.from(`${index}`))
  }
  while (sockets.length < clients.length) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  const said = await Promise.all(sockets.map(async (socket) => String((await once(socket, 'data'))[0])))
  for (const [index, socket] of sockets.entries()) {
    socket.end(`${said[index]}:`.padEnd(30, said[index]))
  }
  await Promise.all(closed)
  expect(received).toEqual(['0:'.padEnd(30, '0'), '1:'.padEnd(30, '1')])
})

it('an IP address needs no look-up, a name gives an address that takes connections', async () => {
  const { port } = await listenForSockets()
  expect(await findAddress('127.0.0.1', 1)).toBe('127.0.0.1')
  expect(await findAddress('::1', 1)).toBe('::1')
  expect(await findAddress('localhost', port)).toBe('127.0.0.1')
})

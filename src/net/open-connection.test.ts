import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { TimeoutError } from '../base/index.ts'
import { listenTcp, openConnection } from './index.ts'

it('a server that never ends the TLS handshake is given up after timeoutMs, and the socket is closed', async () => {
  const sockets: Socket[] = []
  const listener = await listenTcp({ port: 0 }, 'a test', (socket) => {
    socket.on('error', () => {}).resume()
    sockets.push(socket)
  })
  const { host, port } = listener.address
  const opening = openConnection({ host, port, tls: { rejectUnauthorized: false }, timeoutMs: 30 })
  const error = await opening.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TimeoutError)
  expect(error).toMatchObject({ message: `no connection to ${host}:${port} within 30 ms (connectTimeoutMs)` })
  // Resolves when the sockets of both ends are closed.
  await listener.close()
  expect(sockets.filter(({ destroyed }) => !destroyed)).toEqual([])
})

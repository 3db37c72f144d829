import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { listenTcp } from './index.ts'

describe('a TCP listener', () => {
  it('hands over every socket, and is closed when the last of them is', async () => {
    const accepted: Socket[] = []
    const listener = await listenTcp({ port: 0 }, 'RTMP', (socket) => accepted.push(socket))
    const clients = [connect(listener.address), connect(listener.address)]
    await Promise.all(clients.map((client) => once(client, 'connect')))
    while (accepted.length < clients.length) {
      await new Promise((resolve) => setImmediate(resolve))
    }

    let closed = false
    const closing = listener.close().then(() => {
      closed = true
    })
    expect(listener.close()).toBe(listener.close())
    await refused(listener.address)
    expect(closed).toBe(false)
    for (const socket of accepted) {
      socket.destroy()
    }
    await closing
    for (const client of clients) {
      client.destroy()
    }
  })

  it('gives the port back', async () => {
    const first = await listenTcp({ port: 0 }, 'RTMP', () => {})
    await first.close()
    const second = await listenTcp({ port: first.address.port }, 'RTMP', () => {})
    expect(second.address).toEqual(first.address)
    await second.close()
  })

  it('says what the port was for if it is taken', async () => {
    const listener = await listenTcp({ port: 0 }, 'RTMP', () => {})
    const { port } = listener.address
    await expect(listenTcp({ port }, 'the second RTMP', () => {})).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} for the second RTMP`,
    )
    await listener.close()
  })
})

/** Resolves when a connection is refused. */
async function refused(address: { host: string; port: number }): Promise<void> {
  const client = connect(address)
  await expect(once(client, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  client.destroy()
}

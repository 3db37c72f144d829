import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { systemClock } from '../base/index.ts'
import { ConnectionLimits, defaultConnectionLimits, listenTcp } from './index.ts'

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

describe('a listener that holds its connections', () => {
  it('hands over those that came, once it is told to, and then whoever comes', async () => {
    const accepted: Socket[] = []
    const commons = { held: true, limits: new ConnectionLimits(defaultConnectionLimits, systemClock) }
    const listener = await listenTcp(
      { port: 0 },
      'RTMP',
      (socket) => accepted.push(socket.on('error', () => {})),
      commons,
    )
    const [early, gone] = [connect(listener.address), connect(listener.address)]
    await Promise.all([once(early, 'connect'), once(gone, 'connect')])
    early.write('hello')
    gone.resetAndDestroy()
    await once(gone, 'close')
    listener.release()
    const late = connect(listener.address)
    await once(late, 'connect')
    await waitFor('both', () => accepted.some((socket) => socket.remotePort === late.localPort))
    expect(String(await new Promise((resolve) => accepted[0]?.once('data', resolve)))).toBe('hello')
    for (const socket of accepted) {
      socket.destroy()
    }
    await listener.close()
    await waitFor('every place to be free', () => commons.limits.connections === 0)
  })

  it('closes them if it is closed instead', async () => {
    const listener = await listenTcp({ port: 0 }, 'RTMP', () => expect.unreachable(), { held: true })
    const client = connect(listener.address)
    await once(client, 'connect')
    await Promise.all([once(client, 'close'), listener.close()])
    expect(client.bytesRead).toBe(0)
  })
})

describe('a listener that has stopped', () => {
  it('has freed its address at once, and keeps its connections until they end', async () => {
    const accepted: Socket[] = []
    const first = await listenTcp({ port: 0 }, 'RTMP', (socket) => accepted.push(socket))
    const client = connect(first.address)
    await once(client, 'connect')
    await waitFor('the socket', () => accepted.length === 1)
    first.stop()
    const second = await listenTcp({ port: first.address.port }, 'RTMP', () => {})
    accepted[0]?.write('still here')
    expect(String((await once(client, 'data'))[0])).toBe('still here')
    client.destroy()
    await first.drained
    await second.close()
  })
})

/** Resolves when a connection is refused. */
async function refused(address: { host: string; port: number }): Promise<void> {
  const client = connect(address)
  await expect(once(client, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  client.destroy()
}

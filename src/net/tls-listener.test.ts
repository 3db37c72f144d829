import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../test/support/certificate.ts'
import type { Scope } from '../../test/support/server.ts'
import { waitFor } from '../../test/support/wait.ts'
import { type BoundAddress, listenTls, loadCredentials, SocketSink, type TlsListener } from './index.ts'

type Rig = Readonly<{ listener: TlsListener<BoundAddress>; sockets: Socket[]; failures: string[] }>

async function listenForTest(scope: Scope, commonName?: string): Promise<Rig> {
  const credentials = await loadCredentials(await makeCertificate(scope, commonName), 'a test')
  const sockets: Socket[] = []
  const failures: string[] = []
  const listener = await listenTls({ port: 0 }, credentials, 'a test', {
    onSocket: (socket) => {
      socket.on('error', () => {})
      sockets.push(socket)
    },
    onFailure: ({ remoteAddress }, reason) => failures.push(`${remoteAddress}: ${reason}`),
  })
  scope.onTestFinished(async () => {
    for (const socket of sockets) {
      socket.destroy()
    }
    await listener.close()
  })
  return { listener, sockets, failures }
}

function connectTls(scope: Scope, { host, port }: BoundAddress, options: ConnectionOptions = {}): TLSSocket {
  const client = connect({ host, port, rejectUnauthorized: false, ...options })
  client.on('error', () => {})
  scope.onTestFinished(() => {
    client.destroy()
  })
  return client
}

/** Waits for the end of a client that is closed for an error. */
async function closed(client: Socket): Promise<void> {
  client.on('error', () => {})
  client.resume()
  await new Promise((resolve) => client.once('close', resolve))
}

describe('a TLS listener', () => {
  it('hands over sockets that a SocketSink writes to, more than fits at once, and closes in order', async (scope) => {
    const { listener, sockets, failures } = await listenForTest(scope)
    const client = connectTls(scope, listener.address)
    await once(client, 'secureConnect')
    await waitFor('the socket', () => sockets.length === 1)
    const [socket] = sockets
    const sink = new SocketSink(socket as Socket)
    client.pause()
    let drained = 0
    sink.addDrainListener({ onDrain: () => drained++ })
    const piece = Buffer.alloc(256 * 1024, 7)
    let pieces = 0
    while (!sink.blocked) {
      sink.write(piece)
      pieces++
    }
    expect(sink.blocked).toBe(true)
    let received = 0
    client.on('data', (bytes) => {
      received += bytes.length
    })
    client.resume()
    await waitFor('a drain', () => drained > 0)
    sink.cork()
    sink.write(Buffer.from('the'))
    sink.write(Buffer.from(' end'))
    sink.uncork()
    sink.end()
    await once(client, 'end')
    expect(received).toBe(pieces * piece.length + 7)
    expect(failures).toEqual([])
  })

  it('closes who does not speak TLS, who speaks one too old and who does not trust it, and says so', async (scope) => {
    const { listener, sockets, failures } = await listenForTest(scope)
    for (const words of ['\x03 this is RTMP', 'GET / HTTP/1.1\r\n\r\n']) {
      const plain = connectPlain(listener.address)
      plain.end(words)
      await closed(plain)
    }
    const old: SecureVersion = 'TLSv1.1'
    const options = { minVersion: old, maxVersion: old, ciphers: 'DEFAULT@SECLEVEL=0' }
    await closed(connectTls(scope, listener.address, options))
    await closed(connectTls(scope, listener.address, { rejectUnauthorized: true }))
    await waitFor('the failures', () => failures.length >= 3)
    expect(failures.slice(0, 3)).toEqual([
      '127.0.0.1: the client does not speak TLS',
      '127.0.0.1: the client does not speak TLS, but plain HTTP',
      '127.0.0.1: the client speaks no TLS from TLSv1.2 on',
    ])
    expect(sockets.filter((socket) => !socket.destroyed)).toEqual([])
  })

  it('uses new credentials for who comes then; who was there lives on', async (scope) => {
    const { listener, sockets } = await listenForTest(scope, 'old')
    const before = connectTls(scope, listener.address)
    await once(before, 'secureConnect')
    listener.useCredentials(await loadCredentials(await makeCertificate(scope, 'new'), 'a test'))
    const after = connectTls(scope, listener.address)
    await once(after, 'secureConnect')
    expect(before.getPeerCertificate().subject.CN).toBe('old')
    expect(after.getPeerCertificate().subject.CN).toBe('new')
    await waitFor('both sockets', () => sockets.length === 2)
    for (const [index, client] of [before, after].entries()) {
      new SocketSink(sockets[index] as Socket).write(Buffer.from(`hello ${index}`))
      expect(String((await once(client, 'data'))[0])).toBe(`hello ${index}`)
    }
  })
})

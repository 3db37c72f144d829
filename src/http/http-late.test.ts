import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { RecordingLogger, type Scope } from '../../test/support/server.ts'
import { waitFor } from '../../test/support/wait.ts'
import { systemClock } from '../base/index.ts'
import { ConnectionLimits, defaultConnectionLimits } from '../net/index.ts'
import { HttpRouter, HttpServer } from './index.ts'

/** Both of a request and of the next one; Node looks about as often. */
const TIMEOUT_MS = 250
const REQUEST = 'GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n'

/** A connection to a server, and what came of it. */
class Client {
  readonly socket: Socket
  readonly closed: Promise<unknown>
  text = ''

  constructor(scope: Scope, port: number) {
    this.socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.closed = once(this.socket, 'close')
    scope.onTestFinished(() => void this.socket.destroy())
    this.socket
      .on('error', () => {})
      .on('data', (bytes) => {
        this.text += bytes
      })
  }

  get answers(): number {
    return this.text.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0
  }
}

/**
 * Sends something, and keeps the event loop of client and server busy until every time is over by far. That is done in an immediate: behind
 * those the event loop looks at its timers, before it reads from sockets.
 */
function sendAndBeBusy(send: () => void): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      send()
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * TIMEOUT_MS)
      resolve()
    })
  })
}

describe('A connection whose time is over', () => {
  async function serve(scope: Scope): Promise<{ connect: () => Promise<Client>; log: RecordingLogger }> {
    const log = new RecordingLogger()
    const limits = new ConnectionLimits(defaultConnectionLimits, systemClock)
    const times = { requestTimeoutMs: TIMEOUT_MS, idleTimeoutMs: TIMEOUT_MS }
    const server = new HttpServer({ logger: log, limits, ...times })
    scope.onTestFinished(() => server.close())
    const router = new HttpRouter()
    router.route('hello', (_request, reply) => reply.send(200, 'text/plain', Buffer.from('hello')))
    const site = { routers: [router], roots: [], crossOrigin: true }
    const { address } = await server.listen({ port: 0 }, { site, credentials: null, purpose: 'test' })
    const port = 'port' in address ? address.port : 0
    const open = async (): Promise<Client> => {
      const client = new Client(scope, port)
      await once(client.socket, 'connect')
      return client
    }
    return { connect: open, log }
  }

  it('stays if its next request was there in time, however late the server comes to read it', async (scope) => {
    const client = await (await serve(scope)).connect()
    client.socket.write(REQUEST)
    // Not looked for from time to time: soon the connection would be closed.
    await once(client.socket, 'data')
    expect(client.answers).toBe(1)
    await sendAndBeBusy(() => client.socket.write(REQUEST))
    await waitFor('another answer', () => client.answers === 2)
  })

  it('stays if its first request, or the rest of it, was there in time', async (scope) => {
    const { connect: open } = await serve(scope)
    const whole = await open()
    const halves = await open()
    halves.socket.write(REQUEST.slice(0, 10))
    await sendAndBeBusy(() => {
      whole.socket.write(REQUEST)
      halves.socket.write(REQUEST.slice(10))
    })
    await waitFor('both answers', () => whole.answers === 1 && halves.answers === 1)
  })

  it('is closed without a word if nothing was asked: an answer would be taken for that of a request on its way', async (scope) => {
    const { connect: open, log } = await serve(scope)
    const [silent, idle] = [await open(), await open()]
    idle.socket.write(REQUEST)
    await Promise.all([silent.closed, idle.closed])
    expect(silent.text).toBe('')
    expect(idle.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(log.lines).toEqual([])
  })

  it('is told if its request is not complete', async (scope) => {
    const { connect: open, log } = await serve(scope)
    const client = await open()
    client.socket.write(REQUEST.slice(0, 10))
    await client.closed
    expect(client.text).toMatch(/^HTTP\/1\.1 408 /)
    expect(log.lines[0]?.fields.reason).toBe(
      `no complete request within HTTP_HEADERS_TIMEOUT_MS (${TIMEOUT_MS})`,
    )
  })
})

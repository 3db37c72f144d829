import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../test/support/certificate.ts'
import type { Scope } from '../../test/support/server.ts'
import { waitFor } from '../../test/support/wait.ts'
import { silentLogger, systemClock } from '../base/index.ts'
import {
  ConnectionLimits,
  defaultConnectionLimits,
  loadCredentials,
  type TlsCredentials,
} from '../net/index.ts'
import { HttpRouter, HttpServer } from './index.ts'

/** The largest HLS segment; more than the system takes off the server's hands for a client that reads nothing. */
const BODY_BYTES = 32 * 1024 * 1024

/** Much longer than this process, which is client and server, may have to wait for a core. */
const STALL_TIMEOUT_MS = 2000

describe.concurrent('An answer of which the client takes nothing', () => {
  /** Serves a large body; returns its port, and how many of these answers are over. */
  async function serve(
    scope: Scope,
    credentials: TlsCredentials | null,
  ): Promise<{ port: number; over: () => number }> {
    const limits = new ConnectionLimits(defaultConnectionLimits, systemClock)
    const server = new HttpServer({ logger: silentLogger, limits, answerStallTimeoutMs: STALL_TIMEOUT_MS })
    scope.onTestFinished(() => server.close())
    let over = 0
    const router = new HttpRouter()
    router.route('large', (_request, reply) => {
      reply.onClose(() => {
        over++
      })
      reply.send(200, 'video/mp2t', new Uint8Array(BODY_BYTES))
    })
    router.route('endless', (_request, reply) => {
      reply.onClose(() => {
        over++
      })
      reply.stream('text/event-stream', STALL_TIMEOUT_MS).write(new Uint8Array(BODY_BYTES))
    })
    const site = { routers: [router], roots: [], crossOrigin: true }
    const { address } = await server.listen({ port: 0 }, { site, credentials, purpose: 'test' })
    return { port: 'port' in address ? address.port : 0, over: () => over }
  }

  it.for([
    ['/large', 'answerStallTimeoutMs'],
    ['/endless', 'its own idleTimeoutMs, though it has no end'],
  ])('is given up, %s after %s, with its connection, by HTTP/1.1', async ([path], scope) => {
    const { port, over } = await serve(scope, null)
    const socket = connect(port, '127.0.0.1').pause()
    scope.onTestFinished(() => void socket.destroy())
    socket.on('error', () => {}).write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    await waitFor('the end', () => over() === 1)
  })

  it('is given up after answerStallTimeoutMs, and nothing beside it, by HTTP/2', async (scope) => {
    const { port, over } = await serve(scope, await loadCredentials(await makeCertificate(scope), 'test'))
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
    scope.onTestFinished(() => session.destroy())
    const stalled = session.request({ ':path': '/large' }).pause()
    await once(stalled, 'response')
    // While the stalled one is still held, too: what is under way must not keep the connection from taking more.
    const taken = session.request({ ':path': '/large' })
    const endless = session.request({ ':path': '/endless' }).pause()
    let bytes = 0
    for await (const chunk of taken) {
      bytes += (chunk as Uint8Array).length
    }
    expect(bytes).toBe(BODY_BYTES)
    await waitFor('the end of all', () => over() === 3)
    // The server has ended them before the client hears of it.
    await waitFor('the reset of the stalled ones', () =>
      [stalled, endless].every(({ rstCode }) => rstCode === constants.NGHTTP2_CANCEL),
    )
  })
})

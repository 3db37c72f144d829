import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { get as getSecurely, Agent as SecureAgent } from 'node:https'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../test/support/certificate.ts'
import type { Scope } from '../../test/support/server.ts'
import { waitFor } from '../../test/support/wait.ts'
import { silentLogger, systemClock } from '../base/index.ts'
import { ConnectionLimits, defaultConnectionLimits, loadCredentials } from '../net/index.ts'
import { type HttpListener, type HttpReply, HttpRouter, HttpServer } from './index.ts'

/** A listener, and the replies to `/slow` that wait to be given. */
async function listen(
  scope: Scope,
  isSecure: boolean,
): Promise<{ listener: HttpListener; port: number; waiting: HttpReply[] }> {
  const limits = new ConnectionLimits(defaultConnectionLimits, systemClock)
  const server = new HttpServer({ logger: silentLogger, limits })
  scope.onTestFinished(() => server.close())
  const waiting: HttpReply[] = []
  const router = new HttpRouter()
  router.route('quick', (_request, reply) => reply.send(200, 'text/plain', 'quick'))
  router.route('slow', (_request, reply) => void waiting.push(reply))
  const site = { routers: [router], roots: [], crossOrigin: true }
  const credentials = isSecure ? await loadCredentials(await makeCertificate(scope), 'test') : null
  const listener = await server.listen({ port: 0 }, { site, credentials, purpose: 'test' })
  return { listener, port: 'port' in listener.address ? listener.address.port : 0, waiting }
}

/** A client with one connection, which it keeps as long as it may. */
class Asker {
  readonly #agent: Agent
  readonly #get: typeof get
  readonly #url: string

  constructor(scope: Scope, port: number, isSecure: boolean) {
    const options = { keepAlive: true, maxSockets: 1, rejectUnauthorized: false }
    this.#agent = isSecure ? new SecureAgent(options) : new Agent(options)
    this.#get = isSecure ? getSecurely : get
    this.#url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`
    scope.onTestFinished(() => this.#agent.destroy())
  }

  /** Whether it has a connection on which nothing is asked. */
  get isFree(): boolean {
    return Object.keys(this.#agent.freeSockets).length > 0
  }

  ask(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = this.#get(`${this.#url}${path}`, { agent: this.#agent }, (response) =>
        resolve(response.resume()),
      )
      asked.on('error', reject)
    })
  }
}

describe.concurrent('Connections that are ended', () => {
  it.for([false, true])(
    'are closed if nothing is asked, else behind the answer, over TLS: %s',
    async (isSecure, scope) => {
      const { listener, port, waiting } = await listen(scope, isSecure)
      const idle = new Asker(scope, port, isSecure)
      await idle.ask('/quick')
      await waitFor('its connection to be kept', () => idle.isFree)
      const asking = new Asker(scope, port, isSecure)
      const asked = asking.ask('/slow')
      await waitFor('the request', () => waiting.length === 1)
      listener.endConnections()
      await waitFor('the idle one to be closed', () => !idle.isFree)
      waiting[0]?.send(200, 'text/plain', 'slow')
      const answer = await asked
      expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close'])
      // One that came just before is told so with its next answer.
      const late = await new Asker(scope, port, isSecure).ask('/quick')
      expect(late.headers.connection).toBe('close')
    },
  )

  it('are closed behind all that is asked, by HTTP/2', async (scope) => {
    const { listener, port, waiting } = await listen(scope, true)
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
    scope.onTestFinished(() => session.destroy())
    const closed = once(session, 'close')
    const stream = session.request({ ':path': '/slow' })
    await waitFor('the request', () => waiting.length === 1)
    listener.endConnections()
    waiting[0]?.send(200, 'text/plain', 'slow')
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(200)
    stream.resume()
    await closed
  })
})

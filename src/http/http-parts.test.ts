import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../test/support/certificate.ts'
import { FileScope } from '../../test/support/server.ts'
import { waitFor } from '../../test/support/wait.ts'
import { silentLogger, systemClock } from '../base/index.ts'
import { ConnectionLimits, defaultConnectionLimits, loadCredentials } from '../net/index.ts'
import { HttpRouter, HttpServer } from './index.ts'

const PARTS: readonly string[] = ['one ', 'zwei ', '三 ', 'x'.repeat(200_000)]

describe('A body in parts', () => {
  const scope = new FileScope()
  const ports = { http: 0, https: 0 }
  let left = 0

  beforeAll(async () => {
    const limits = new ConnectionLimits(defaultConnectionLimits, systemClock)
    const server = new HttpServer({ logger: silentLogger, limits })
    scope.onTestFinished(() => server.close())
    const router = new HttpRouter()
    const parts = PARTS.map((part) => Buffer.from(part))
    router.route('parts', (_request, reply) => reply.send(200, 'text/plain', parts))
    router.route('nothing', (_request, reply) => reply.send(200, 'text/plain', []))
    router.route('left', (_request, reply) => {
      reply.onClose(() => {
        left++
      })
      reply.send(
        200,
        'text/plain',
        Array.from({ length: 10_000 }, () => Buffer.alloc(1000)),
      )
    })
    const site = { routers: [router], roots: [], crossOrigin: true }
    const credentials = await loadCredentials(await makeCertificate(scope), 'test')
    for (const [name, tls] of [['http', null] as const, ['https', credentials] as const]) {
      const { address } = await server.listen({ port: 0 }, { site, credentials: tls, purpose: 'test' })
      ports[name] = 'port' in address ? address.port : 0
    }
  })
  afterAll(() => scope.clean())

  it('comes as one, and its length is told, by HTTP/1.1', async () => {
    const url = `http://127.0.0.1:${ports.http}`
    const answer = await fetch(`${url}/parts`)
    expect(answer.headers.get('content-length')).toBe(`${Buffer.byteLength(PARTS.join(''))}`)
    expect(await answer.text()).toBe(PARTS.join(''))
    const head = await fetch(`${url}/parts`, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(answer.headers.get('content-length'))
    expect(await (await fetch(`${url}/nothing`)).text()).toBe('')
  })

  it('comes as one, and its length is told, by HTTP/2', async ({ onTestFinished }) => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    const request = session.request({ ':path': '/parts' })
    const [headers] = (await once(request, 'response')) as [Record<string, string>]
    expect(headers['content-length']).toBe(`${Buffer.byteLength(PARTS.join(''))}`)
    expect(await text(request)).toBe(PARTS.join(''))
  })

  it('is given up when the client leaves in the midst of it, by either version', async () => {
    const socket = connect(ports.http, '127.0.0.1')
    socket.write('GET /left HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false })
    const request = session.request({ ':path': '/left' })
    await once(request, 'data')
    session.destroy()
    await waitFor('both are gone', () => left === 2)
    // The server goes on.
    expect(await (await fetch(`http://127.0.0.1:${ports.http}/parts`)).text()).toBe(PARTS.join(''))
  })
})

import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveRoutes } from '../../test/support/http-listeners.ts'
import { FileScope } from '../../test/support/server.ts'
import { HttpRouter } from './index.ts'

const scope = new FileScope()
let ports: Awaited<ReturnType<typeof serveRoutes>>

beforeAll(async () => {
  const router = new HttpRouter()
  router.route('fault', () => {
    throw new Error('a secret of the inside')
  })
  router.route('late-fault', (_request, reply) => {
    reply.stream('text/plain').write(Buffer.from('so far'))
    throw new Error('too late')
  })
  router.route('seen', ({ origin, path, url, parameters }, reply) =>
    reply.send(200, 'application/json', JSON.stringify([origin, path, url, parameters.get('a')])),
  )
  ports = await serveRoutes(scope, router)
})
afterAll(() => scope.clean())

/** What is answered to a request as it is written, until the connection ends. */
async function askRaw(target: string): Promise<{ head: string; body: string }> {
  const socket = connect(ports.http, '127.0.0.1')
  socket.write(`GET ${target} HTTP/1.1\r\nHost: named.example\r\nConnection: close\r\n\r\n`)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  return { head: head.toLowerCase(), body }
}

describe('A request', () => {
  it.each([
    ['/seen?a=1', ['http://named.example', 'seen', '/seen?a=1', '1']],
    ['http://other.example:81/seen?a=1', ['http://other.example:81', 'seen', '/seen?a=1', '1']],
    ['HTTP://other.example/seen', ['http://other.example', 'seen', '/seen', null]],
  ])('may be for a path, or as proxies get it for a whole URL: %s', async (target, expected) => {
    expect(JSON.parse((await askRaw(target)).body)).toEqual(expected)
  })

  it.each(['/seen/%zz', '/%', '/%E0%A4.flv', 'http://other.example/%zz'])(
    'whose URL has a malformed escape is told so in plain words: %s',
    async (target) => {
      const { head, body } = await askRaw(target)
      expect(head).toMatch(/^http\/1.1 400 /)
      expect(head).toContain('\r\ncontent-type: text/plain; charset=utf-8')
      expect(head).toContain('\r\naccess-control-allow-origin: *')
      expect(head).toContain('\r\nserver: srs/')
      expect(body).toBe('the URL has a malformed escape\n')
    },
  )
})

describe('What fails while it answers', () => {
  it('is answered 500, and not with what was wrong, by HTTP/1.1', async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/fault`)
    expect([answer.status, await answer.text()]).toEqual([500, 'Internal Server Error\n'])
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  it('is answered 500 by HTTP/2', async ({ onTestFinished }) => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':path': '/fault' })
    const [headers] = await once(stream, 'response')
    expect([headers[':status'], await text(stream)]).toEqual([500, 'Internal Server Error\n'])
  })

  it('ends the connection once an answer has begun', async () => {
    const { head, body } = await askRaw('/late-fault')
    expect(head).toMatch(/^http\/1.1 200 /)
    expect(body).not.toContain('500')
  })
})

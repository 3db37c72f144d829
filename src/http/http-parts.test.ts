import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveRoutes } from '../../test/support/http-listeners.ts'
import { FileScope } from '../../test/support/server.ts'
import { waitFor } from '../../test/support/wait.ts'
import { SlicedText } from '../base/index.ts'
import { HttpRouter } from './index.ts'

const TEXT = [
  'one ',
  'zwei ',
  '三 ',
  ...Array.from({ length: 3 }, (_, index) => `${index}`.repeat(200_000)),
].join('')
const LONG = 'x'.repeat(10_000_000)

/** In slices as a list of the API is, and not just one of them. */
function sliced(text: string): SlicedText {
  const body = new SlicedText()
  for (let at = 0; at < text.length; at += 20_000) {
    body.write(text.slice(at, at + 20_000))
  }
  return body
}

describe('A body in slices', () => {
  const scope = new FileScope()
  let ports: Awaited<ReturnType<typeof serveRoutes>>
  let left = 0

  beforeAll(async () => {
    const router = new HttpRouter()
    router.route('parts', (_request, reply) => reply.send(200, 'text/plain', sliced(TEXT)))
    router.route('nothing', (_request, reply) => reply.send(200, 'text/plain', sliced('')))
    router.route('left', (_request, reply) => {
      reply.onClose(() => {
        left++
      })
      reply.send(200, 'text/plain', sliced(LONG))
    })
    ports = await serveRoutes(scope, router)
  })
  afterAll(() => scope.clean())

  it('comes as one, and its length is told, by HTTP/1.1', async () => {
    const url = `http://127.0.0.1:${ports.http}`
    const answer = await fetch(`${url}/parts`)
    expect(answer.headers.get('content-length')).toBe(`${Buffer.byteLength(TEXT)}`)
    expect(await answer.text()).toBe(TEXT)
    const head = await fetch(`${url}/parts`, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(answer.headers.get('content-length'))
    expect(await (await fetch(`${url}/nothing`)).text()).toBe('')
  })

  it('comes as one, and its length is told, by HTTP/2', async ({ onTestFinished }) => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    const request = session.request({ ':path': '/parts' })
    const [headers] = (await once(request, 'response')) as [Record<string, string>]
    expect(headers['content-length']).toBe(`${Buffer.byteLength(TEXT)}`)
    expect(await text(request)).toBe(TEXT)
  })

  it('comes whole to each of many who ask at once and read slowly, though their slices are used again', async () => {
    const read = async (chunk: number): Promise<string> => {
      const answer = await fetch(`http://127.0.0.1:${ports.http}/parts`)
      const decoder = new TextDecoder()
      let whole = ''
      let untilPause = chunk
      for await (const bytes of answer.body ?? []) {
        whole += decoder.decode(bytes as Uint8Array, { stream: true })
        untilPause -= (bytes as Uint8Array).length
        if (untilPause < 0) {
          untilPause = chunk
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      return whole
    }
    for (let round = 0; round < 3; round++) {
      for (const answer of await Promise.all([1e3, 1e4, 1e5, 1e6, 1e6, 1e6].map(read))) {
        expect(answer === TEXT).toBe(true)
      }
    }
  })

  it('comes whole by HTTP/1.0, to who asks for several behind each other, and over TLS', async () => {
    const old = connect(ports.http, '127.0.0.1')
    old.write('GET /parts HTTP/1.0\r\n\r\n')
    expect((await text(old)).split('\r\n\r\n')[1] === TEXT).toBe(true)
    const asked = 'GET /parts HTTP/1.1\r\nhost: localhost\r\n'
    const pipelined = connect(ports.http, '127.0.0.1')
    pipelined.write(`${asked}\r\n${asked}\r\n${asked}connection: close\r\n\r\n`)
    const bodies = (await text(pipelined)).split(/HTTP\/1\.1 200[\s\S]*?\r\n\r\n/).slice(1)
    expect(bodies.map((body) => body === TEXT)).toEqual([true, true, true])
    const secure = connectTls({ port: ports.https, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    secure.write(`${asked}connection: close\r\n\r\n`)
    expect((await text(secure)).split('\r\n\r\n')[1] === TEXT).toBe(true)
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
    expect(await (await fetch(`http://127.0.0.1:${ports.http}/parts`)).text()).toBe(TEXT)
  })
})

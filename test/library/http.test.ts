import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_HTTP_BODY_BYTES } from '../../src/http/index.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { ask, askUpgrade, mediaPlaylistUrl, publishClip } from '../support/web.ts'

const fileScope = new FileScope()
let given: TestServer
/** By what it is: an address of each kind of answer. */
const urls = new Map<string, string>()
beforeAll(async () => {
  given = await startServer(fileScope, { hls: { fragmentMs: 500 } })
  const { httpUrl, server } = given
  await publishClip(server)
  const playlist = await mediaPlaylistUrl(`${httpUrl}/live/demo.m3u8`)
  const segment = (await ask(playlist)).body?.split('\n').find((line) => line.includes('.ts')) ?? ''
  urls.set('FLV', `${httpUrl}/live/demo.flv`)
  urls.set('HLS master playlist', `${httpUrl}/live/demo.m3u8`)
  urls.set('HLS media playlist', playlist)
  urls.set('HLS segment', new URL(segment, playlist).href)
  urls.set('API', `${httpUrl}/api/v1/streams/`)
  urls.set('events', `${httpUrl}/api/v1/events`)
})
afterAll(() => fileScope.clean())

function urlOf(kind: string): string {
  return urls.get(kind) ?? `there is no ${kind}`
}

/** Each kind of answer with its content type, how long it may be kept, and whether its length is known. */
const ANSWERS: readonly [string, string, string, boolean][] = [
  ['FLV', 'video/x-flv', 'no-store', false],
  ['HLS master playlist', 'application/vnd.apple.mpegurl', 'no-store', true],
  ['HLS media playlist', 'application/vnd.apple.mpegurl', 'no-store', true],
  ['HLS segment', 'video/mp2t', 'public, max-age=60', true],
  ['API', 'application/json', 'no-store', true],
  ['events', 'text/event-stream', 'no-store', false],
]

describe.each(ANSWERS)('%s', (kind, contentType, cacheControl, hasLength) => {
  it.each(['GET', 'HEAD'])('is answered to %s with its type, for pages of any origin', async (method) => {
    const { status, headers, body } = await ask(urlOf(kind), {
      method,
      headers: { origin: 'http://example.com' },
    })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe(contentType)
    expect(headers.get('cache-control')).toBe(cacheControl)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toBe('*')
    expect(headers.get('server')).toMatch(/^SRS\//)
    expect(headers.has('content-length')).toBe(hasLength)
    if (hasLength) {
      expect(Number(headers.get('content-length'))).toBeGreaterThan(0)
      expect(body === '').toBe(method === 'HEAD')
    }
  })

  it('is allowed to pages that ask before (OPTIONS)', async () => {
    const { status, headers, body } = await ask(urlOf(kind), {
      method: 'OPTIONS',
      headers: {
        origin: 'http://example.com',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'range, x-my-header',
      },
    })
    expect(status).toBe(200)
    expect(body).toBe('')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-methods')).toBe('*')
    expect(headers.get('access-control-allow-headers')).toBe('range, x-my-header')
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0)
  })

  it('is not for POST', async () => {
    const { status, headers, body } = await ask(urlOf(kind), { method: 'POST', body: 'x' })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, HEAD')
    expect(body).toBe('Method Not Allowed')
  })
})

it.each([
  [MAX_HTTP_BODY_BYTES, 405],
  [MAX_HTTP_BODY_BYTES + 1, 413],
])('a body of %i bytes is answered %i: more than MAX_HTTP_BODY_BYTES is not read', async (length, status) => {
  const answer = await ask(`${given.httpUrl}/api/v1/streams/`, { method: 'POST', body: 'x'.repeat(length) })
  expect(answer.status).toBe(status)
})

describe('a request for what is not there', () => {
  it.each([
    ['/live/nobody.flv', 404, 'no stream is published as live/nobody\n'],
    ['/live/nobody.m3u8', 404, 'no stream is published as live/nobody\n'],
    ['/live/nobody.m3u8?hls_ctx=made-up-context', 404, 'no stream is published as live/nobody\n'],
    ['/live/demo-1.ts', 404, 'there is no such segment (any more): begin with the .m3u8\n'],
    ['/live/demo-1.ts?hls_ctx=made-up', 403, 'no viewer has this hls_ctx: begin with the .m3u8\n'],
    ['/demo.flv', 400, "'demo' names no stream: it takes an application and a stream, e.g. live/demo\n"],
    ['/demo.m3u8', 400, "'demo' names no stream: it takes an application and a stream, e.g. live/demo\n"],
    ['/live/demo.m3u8?hls_ctx=%2e', 400, 'hls_ctx is not one of ours: begin with the .m3u8 without it\n'],
    ['/nothing/here', 404, 'nothing is served here\n'],
  ])('%s is answered %i in words', async (path, status, text) => {
    const answer = await ask(`${given.httpUrl}${path}`)
    expect(answer).toMatchObject({ status, body: text })
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each(['/live/%2e%2e%2fdemo.flv', '/api/v1/..%2fsecret', '/live/..%5cdemo.flv'])(
    'is answered 400 when the URL goes up: %s',
    async (path) => {
      const answer = await ask(`${given.httpUrl}${path}`)
      expect(answer).toMatchObject({ status: 400, body: "the URL has '..', which no path here needs\n" })
      expect(answer.headers.get('connection')).toBe('close')
    },
  )

  it('is answered 400 when the URL has a malformed escape', async () => {
    expect((await ask(`${given.httpUrl}/live/%E0%A4.flv`)).status).toBe(400)
  })

  it('as a segment that is over is answered 404', async () => {
    const { pathname, search } = new URL(urlOf('HLS segment'))
    const gone = pathname.replace(/\d+\.ts$/, '1.ts')
    expect(await ask(`${given.httpUrl}${gone}${search}`)).toMatchObject({
      status: 404,
      body: 'there is no such segment (any more)\n',
    })
  })

  it.each([
    ['/live/nobody.flv', 404, 'no stream is published as live/nobody\n'],
    ['/live/demo.m3u8', 404, 'no WebSocket is served here\n'],
    ['/api/v1/events', 404, 'no WebSocket is served here\n'],
  ])('as a WebSocket, %s is refused with %i', async (path, status, text) => {
    expect(await askUpgrade(`${given.wsUrl}${path}`)).toEqual({ status, body: text })
  })
})

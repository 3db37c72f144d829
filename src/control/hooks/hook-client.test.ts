import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HookRequest, type HookServer, startHookServer } from '../../../test/support/hook-server.ts'
import { FileScope } from '../../../test/support/server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { systemClock } from '../../base/index.ts'
import { HookClient, MAX_HOOK_ANSWER_BYTES } from './hook-client.ts'
import { HookSigner, noHookSigner } from './hook-signer.ts'
import { defaultHookDelivery } from './options.ts'

const scope = new FileScope()
let hooks: HookServer

beforeAll(async () => {
  hooks = await startHookServer(scope)
})
afterAll(() => scope.clean())

function createClient(
  test: { onTestFinished(clean: () => Promise<void>): void },
  options: Partial<typeof defaultHookDelivery> = {},
  signer = noHookSigner,
): HookClient {
  const client = new HookClient(systemClock)
  client.use({ ...defaultHookDelivery, ...options }, signer)
  test.onTestFinished(() => client.close())
  return client
}

function newest(): HookRequest {
  const request = hooks.requests.at(-1)
  if (request === undefined) {
    throw new Error('nothing came')
  }
  return request
}

function body(text: string, status = 200): (response: ServerResponse) => void {
  return (response) => response.writeHead(status).end(text)
}

/** Time for an answer that does not come; long enough for the call to reach the server on a busy machine. */
const TIMEOUT_MS = 500
const TOO_LATE = `it did not answer within ${TIMEOUT_MS} ms (hookDelivery.timeoutMs)`

/** Every kind of answer, and what is made of it. */
const ANSWERS: readonly (readonly [
  name: string,
  answer: (response: ServerResponse) => void,
  outcome: 'allowed' | 'refused' | 'unavailable',
  reason: string | null,
])[] = [
  ['0, as in 2014', body('0'), 'allowed', null],
  ['0 with a line end', body('0\n'), 'allowed', null],
  ['0 with status 201', body('0', 201), 'allowed', null],
  ['{"code":0}', body('{"code":0}'), 'allowed', null],
  ['{"code":0} with more in it', body('{"code":0,"msg":"ok"}'), 'allowed', null],
  ['the text "0"', body('"0"'), 'refused', 'it answered neither 0 nor {"code":0}: "0"'],
  ['{"code":"0"}', body('{"code":"0"}'), 'refused', 'it answered code "0": {"code":"0"}'],
  ['{"code":1}', body('{"code":1}'), 'refused', 'it answered code 1: {"code":1}'],
  ['1', body('1'), 'refused', 'it answered neither 0 nor {"code":0}: 1'],
  ['null', body('null'), 'refused', 'it answered neither 0 nor {"code":0}: null'],
  ['a list', body('[0]'), 'refused', 'it answered neither 0 nor {"code":0}: [0]'],
  ['0 with status 403', body('0', 403), 'refused', 'it answered HTTP 403: 0'],
  ['status 403', body('forbidden', 403), 'refused', 'it answered HTTP 403: forbidden'],
  ['status 500', body('', 500), 'refused', 'it answered HTTP 500'],
  ['status 204', (response) => response.writeHead(204).end(), 'refused', 'it answered HTTP 204'],
  ['status 503', body('busy', 503), 'unavailable', 'it answered HTTP 503: busy'],
  ['status 429', body('', 429), 'unavailable', 'it answered HTTP 429'],
  [
    'garbage',
    body(`<html>\n${'x'.repeat(500)}`),
    'refused',
    `it answered neither 0 nor {"code":0}: <html> ${'x'.repeat(113)}...`,
  ],
  ['nothing', body(''), 'refused', 'it answered nothing: expected 0 or {"code":0}'],
  ['blanks', body(' \n'), 'refused', 'it answered nothing: expected 0 or {"code":0}'],
  ['nothing in time', () => {}, 'unavailable', TOO_LATE],
  [
    'half of it in time',
    (response) => response.writeHead(200, { 'content-length': '10' }).write('{"co'),
    'unavailable',
    TOO_LATE,
  ],
  [
    'a closed connection',
    (response) => response.socket?.destroy(),
    'unavailable',
    'it closed the connection without an answer',
  ],
  [
    'a connection closed in the middle',
    (response) => {
      response.writeHead(200, { 'content-length': '10' }).write('0')
      setImmediate(() => response.socket?.destroy())
    },
    'unavailable',
    'it closed the connection without an answer',
  ],
  [
    'what is no HTTP',
    (response) => response.socket?.end('SSH-2.0-x\r\n'),
    'unavailable',
    'it answered what is no HTTP',
  ],
  [
    'more headers than there may be',
    (response) => response.writeHead(200, { 'x-long': 'x'.repeat(40_000) }).end('0'),
    'unavailable',
    'it answered what is no HTTP',
  ],
  [
    'HTTP/1.0 without a length',
    (response) => response.socket?.end('HTTP/1.0 200 OK\r\n\r\n0'),
    'allowed',
    null,
  ],
  [
    'one byte after the other, for longer than in time',
    (response) => {
      const timer = setInterval(() => response.write('x'), 5)
      response.on('close', () => clearInterval(timer))
    },
    'unavailable',
    TOO_LATE,
  ],
  [
    'a redirect',
    (response) => response.writeHead(302, { location: '/elsewhere' }).end('{"code":0}'),
    'refused',
    'it answered HTTP 302, a redirect, which is not followed',
  ],
  [
    '10 MB',
    body(`{"code":0,"msg":"${'x'.repeat(10_000_000)}"}`),
    'refused',
    `it answered HTTP 200 with more than ${MAX_HOOK_ANSWER_BYTES} bytes (MAX_HOOK_ANSWER_BYTES)`,
  ],
]

describe('the answer of a hook', () => {
  it.each(ANSWERS)('is read: %s', async (name, answer, outcome, reason) => {
    const path = `/${encodeURIComponent(name)}`
    hooks.respond((_request, response) => answer(response))
    const timeoutMs = name.endsWith('in time') ? TIMEOUT_MS : 60_000
    const client = createClient({ onTestFinished: (clean) => scope.onTestFinished(clean) }, { timeoutMs })
    const before = hooks.requests.length
    const said = await client.call({ event: 'on_publish', url: `${hooks.url}${path}`, body: '{}' })
    expect(said.outcome).toBe(outcome)
    expect('reason' in said ? said.reason : null).toBe(reason)
    expect(hooks.requests.slice(before).map((request) => request.path)).toEqual([path])
    const counts = client.statistics.byEvent.get('on_publish')
    expect([counts?.[outcome], counts?.latencyMs.count]).toEqual([1, 1])
    expect(client.statistics.inFlight).toBe(0)
  })

  it('comes with its data', async (test) => {
    hooks.respond((_request, response) => response.end('{"code":0,"data":{"urls":["rtmp://a/b/c"]}}'))
    const said = await createClient(test).call({ event: 'on_forward', url: hooks.url, body: '{}' })
    expect(said).toEqual({ outcome: 'allowed', status: 200, data: { urls: ['rtmp://a/b/c'] } })
  })

  it('is none where nobody listens, nor where there is no such host', async (test) => {
    const gone = await startHookServer(test)
    await gone.close()
    const client = createClient(test)
    const call = { event: 'on_play', body: '{}' }
    expect(await client.call({ ...call, url: gone.url })).toMatchObject({
      outcome: 'unavailable',
      reason: "it can't be reached (ECONNREFUSED)",
    })
    expect(await client.call({ ...call, url: 'http://no-such-host.invalid/' })).toMatchObject({
      outcome: 'unavailable',
      status: null,
    })
  })
})

describe('a call of a hook', () => {
  it('is a POST of JSON to the path and query of the URL, with its id, and its password as basic authentication', async (test) => {
    hooks.respond((_request, response) => response.end('0'))
    const url = `${hooks.url.replace('http://', 'http://user:p%40ss@')}/api/v1/streams?key=1`
    await createClient(test).call({ event: 'on_publish', url, body: '{"a":1}', id: 'the-id' })
    const { path, method, headers, text } = newest()
    expect({ path, method, text }).toEqual({ path: '/api/v1/streams?key=1', method: 'POST', text: '{"a":1}' })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '7',
      'webhook-id': 'the-id',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    })
    expect(headers).not.toHaveProperty('webhook-signature')
  })

  it('has a password as it was written, though it is not encoded', async (test) => {
    hooks.respond((_request, response) => response.end('0'))
    const url = hooks.url.replace('http://', 'http://user:100%a+%C3%A9%@')
    await createClient(test).call({ event: 'on_publish', url, body: '{}' })
    expect(newest().headers.authorization).toBe(
      `Basic ${Buffer.from('user:100%a+\u00e9%').toString('base64')}`,
    )
  })

  it('may take a part of a millisecond', async (test) => {
    hooks.respond((_request, response) => response.end('0'))
    const client = createClient(test, { timeoutMs: 9999.5 })
    expect(await client.call({ event: 'on_play', url: hooks.url, body: '{}' })).toMatchObject({ status: 200 })
  })

  it('is signed by each key', async (test) => {
    hooks.respond((_request, response) => response.end('0'))
    const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'a text that nobody can guess']
    const client = createClient(test, {}, new HookSigner(secrets))
    await client.call({ event: 'on_stop', url: hooks.url, body: '{"é":1}', id: 'id-1' })
    const { headers, text } = newest()
    const keys = [Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'), Buffer.from(secrets[1] ?? '')]
    const signed = `id-1.${headers['webhook-timestamp']}.${text}`
    const expected = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    expect(headers['webhook-signature']).toBe(expected.join(' '))
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
  })

  it('is made again on a new connection if one that was kept is closed before an answer', async (test) => {
    hooks.respond((_request, response) => response.end('0'))
    const client = createClient(test, { connections: 1 })
    const call = { event: 'on_play', url: hooks.url, body: '{}' }
    expect(await client.call(call)).toMatchObject({ outcome: 'allowed' })
    const before = hooks.requests.length
    hooks.respond((_request, response) => {
      hooks.respond((_again, late) => late.end('0'))
      response.socket?.destroy()
    })
    expect(await client.call({ ...call, id: 'once' })).toMatchObject({ outcome: 'allowed' })
    const ids = hooks.requests.slice(before).map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual(['once', 'once'])
  })

  it('opens no more connections than there may be, whatever number is under way', async (test) => {
    const server = await startHookServer(test)
    const waiting: ServerResponse[] = []
    server.respond((_request, response) => void waiting.push(response))
    const client = createClient(test, { connections: 8, timeoutMs: 60_000 })
    const calls = Array.from({ length: 1000 }, () =>
      client.call({ event: 'on_play', url: server.url, body: '{}' }),
    )
    await waitFor('8 calls are there', () => waiting.length === 8)
    expect(client.statistics.inFlight).toBe(1000)
    server.respond((_request, response) => response.end('0'))
    for (const response of waiting) {
      response.end('0')
    }
    const answers = await Promise.all(calls)
    expect(answers.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(1000)
    expect(server.connections).toMatchObject({ made: 8, atOnce: 8 })
    expect(server.requests).toHaveLength(1000)
  })

  it('goes on when the number of connections changes, and ends when the client is closed', async (test) => {
    const server = await startHookServer(test)
    let first: ServerResponse | null = null
    server.respond((_request, response) => {
      first = response
    })
    const client = createClient(test, { connections: 1 })
    const call = { event: 'on_play', url: server.url, body: '{}' }
    const earlier = client.call(call)
    const response = await waitFor('the call is there', () => first as ServerResponse | null)
    client.use({ connections: 2, timeoutMs: 60_000 }, noHookSigner)
    response.end('0')
    expect(await earlier).toMatchObject({ outcome: 'allowed' })
    const later = client.call(call)
    await waitFor('the other is there', () => server.requests.length === 2)
    await client.close()
    expect(await later).toMatchObject({ outcome: 'unavailable', reason: 'this server is closing' })
  })
})

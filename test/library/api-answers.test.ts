import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readKeptOpenApi, readOpenApi } from '../../scripts/openapi.ts'
import { MAX_HTTP_BODY_BYTES } from '../../src/http/index.ts'
import type { ServerSettings } from '../../src/index.ts'
import { ApiContract } from '../support/api-contract.ts'
import { readPacketsOf } from '../support/clip.ts'
import { Events } from '../support/events.ts'
import { type Json, shapeDifferences } from '../support/json-shape.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { ADDED, ASKED } from '../support/srs-answers.ts'
import { waitFor } from '../support/wait.ts'
import { ask, mediaPlaylistUrl } from '../support/web.ts'

/** What each recorded answer has in its place: with one publisher, one player by RTMP and one by HTTP-FLV. */
const fileScope = new FileScope()
let given: TestServer
let apiUrl: string
let publisher: RtmpClient
let rtmpPlayer: RtmpClient
let contract: ApiContract
/** Bytes of the HTTP-FLV player's connection. */
let flvBytes: () => { sent: number; received: number }
let packets: Awaited<ReturnType<typeof readPacketsOf>>
/** What the publisher has sent. */
const sent = { videoFrames: 0, bytes: 0 }

beforeAll(async () => {
  // Nothing more comes once everything is sent, so that numbers can be compared.
  given = await startServer(fileScope, {
    broadcast: { minLatency: true },
    onPublish: ({ name }) => (name.stream === 'refused' ? 'not today' : true),
    api: { port: 0, page: false },
  })
  apiUrl = `http://127.0.0.1:${given.server.apiAddress?.port}`
  contract = new ApiContract(await answer('/api/v1/openapi.json'))
  publisher = await RtmpClient.connect(given.rtmpUrl)
  fileScope.onTestFinished(() => publisher.destroy())
  await publisher.publish('live/livestream?token=abc')
  rtmpPlayer = await RtmpClient.connect(given.rtmpUrl)
  fileScope.onTestFinished(() => rtmpPlayer.destroy())
  await rtmpPlayer.play('live/livestream')
  flvBytes = await playFlv(`${given.httpUrl}/live/livestream.flv`)
  const read = (await readPacketsOf(3)).filter(({ kind }) => kind !== 'data')
  // Audio behind the last picture would wait for the next one.
  packets = read.slice(0, read.findLastIndex(({ kind }) => kind === 'video') + 1)
  sendMedia(0)
  const last = packets.at(-1)?.timestamp
  await waitFor('everything has come to the players', () =>
    rtmpPlayer.media.some(({ timestamp }) => timestamp === last),
  )
})
afterAll(() => fileScope.clean())

/** Publishes the packets, so much later than they are, ms. */
function sendMedia(laterMs: number): void {
  for (const { kind, timestamp, body } of packets) {
    if (kind === 'video') {
      publisher.sendVideo(timestamp + laterMs, body)
      // FLV, E.4.3.1: 1 is a picture, 0 a sequence header.
      sent.videoFrames += body[1] === 1 ? 1 : 0
    } else {
      publisher.sendAudio(timestamp + laterMs, body)
    }
    sent.bytes += body.length
  }
}

/** Plays over a connection whose bytes are counted, until the tests are over. */
function playFlv(url: string): Promise<() => { sent: number; received: number }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume()
      const { socket } = response
      fileScope.onTestFinished(() => void socket.destroy())
      resolve(() => ({ sent: socket.bytesWritten, received: socket.bytesRead }))
    })
    request.on('error', reject)
  })
}

async function answer(path: string, init: RequestInit = {}): Promise<Record<string, Json>> {
  const { status, body } = await ask(`${apiUrl}${path}`, init)
  expect({ path, status }).toEqual({ path, status: 200 })
  return JSON.parse(body ?? '')
}

async function recorded(name: string): Promise<Json> {
  return JSON.parse(await readFile(new URL(`../fixtures/api/${name}.json`, import.meta.url), 'utf8'))
}

describe('With a publisher and two players, the API', () => {
  it.each(Object.entries(ASKED))('answers as SRS did, recorded as %s: %s', async (name, path) => {
    const isAdded = (place: string, key: string): boolean => ADDED[`${name}${place}`]?.includes(key) === true
    expect(shapeDifferences(await answer(path), await recorded(name), isAdded)).toEqual([])
  })

  it('writes floats with two decimals, as SRS does', async () => {
    const { body: clients } = await ask(`${apiUrl}/api/v1/clients/`)
    expect(clients?.match(/"alive":[\d.]+/g)).toHaveLength(3)
    expect(clients?.match(/"alive":\d+\.\d\d[,}]/g)).toHaveLength(3)
    const { body: vhosts } = await ask(`${apiUrl}/api/v1/vhosts/`)
    expect(vhosts).toMatch(/"fragment":2\.00\}/)
  })

  it('names the same stream, client and vhost alone as in its lists', async () => {
    const { streams } = (await answer('/api/v1/streams/')) as { streams: { id: string; url: string }[] }
    const { clients } = (await answer('/api/v1/clients/')) as { clients: { id: string; type: string }[] }
    const { vhosts } = (await answer('/api/v1/vhosts/')) as { vhosts: { id: string; name: string }[] }
    expect(clients.map(({ type }) => type)).toEqual(['fmle-publish', 'rtmp-play', 'flv-play'])
    const [stream, client, vhost] = [streams[0], clients[0], vhosts[0]]
    expect(clients).toMatchObject([{ stream: stream?.id, vhost: vhost?.id }, {}, {}])
    expect(await answer(`/api/v1/streams/${stream?.id}`)).toMatchObject({ stream: { url: stream?.url } })
    expect(await answer(`/api/v1/clients/${client?.id}`)).toMatchObject({ client: { type: client?.type } })
    expect(await answer(`/api/v1/vhosts/${vhost?.id}`)).toMatchObject({ vhost: { name: vhost?.name } })
  })

  it('counts what the publisher has sent: frames and bytes, those of the virtual host, too', async () => {
    const { streams } = await answer('/api/v1/streams/')
    expect(streams).toMatchObject([
      { clients: 3, frames: sent.videoFrames, recv_bytes: sent.bytes, publish: { active: true } },
    ])
    const { vhosts } = await answer('/api/v1/vhosts/')
    expect(vhosts).toMatchObject([{ clients: 3, streams: 1, recv_bytes: sent.bytes }])
  })

  it('counts the bytes of each connection, as both its ends do', async () => {
    const ends = (): readonly { sent: number; received: number }[] => [
      { sent: publisher.bytesSent, received: publisher.bytesReceived },
      { sent: rtmpPlayer.bytesSent, received: rtmpPlayer.bytesReceived },
      flvBytes(),
    ]
    await waitFor('the numbers agree', async () => {
      const { clients } = (await answer('/api/v1/clients/')) as {
        clients: { recv_bytes: number; send_bytes: number }[]
      }
      const told = clients.map(({ recv_bytes, send_bytes }) => ({ sent: recv_bytes, received: send_bytes }))
      return JSON.stringify(told) === JSON.stringify(ends())
    })
  })

  it('gives lists in pages, of which the shortest has ten entries', async () => {
    const { clients, total } = (await answer('/api/v1/clients/?start=1&count=1')) as {
      clients: Json[]
      total: Json
    }
    expect([clients.length, total]).toEqual([2, 3])
    expect(await answer('/api/v1/clients/?start=3')).toMatchObject({ clients: [] })
    expect(await answer('/api/v1/streams/?start=x&count=-5')).toMatchObject({ streams: [{}], total: 1 })
    expect(await answer(`/api/v1/streams/?start=${'9'.repeat(20)}`)).toMatchObject({ streams: [], total: 1 })
  })

  it('lists the clients of one stream, by its id', async () => {
    const { streams } = (await answer('/api/v1/streams/')) as { streams: { id: string }[] }
    const own = await answer(`/api/v1/clients/?stream=${streams[0]?.id}`)
    expect(own).toMatchObject({ clients: [{}, {}, {}], total: 3 })
    expect(await answer('/api/v1/clients/?stream=vid-nothing')).toMatchObject({ clients: [], total: 0 })
  })

  it.each([
    ['/api/v1/vhosts/vid-nothing', 2014],
    ['/api/v1/streams/vid-nothing', 2048],
    ['/api/v1/clients/nobody', 2049],
    ['/api/v1/vhosts/vid-nothing/', 2014],
    ['/api/v1/streams/vid-nothing/more', 2048],
    ['/api/v1/clients/nobody/', 2049],
    ['/api/v1/clients//', 2049],
    ['/api/v1/raw', 1061],
    ['/api/v1/raw?rpc=reload', 1061],
    ['/api/v1/reload', 1061],
    ['/api/v1/tests/errors', 100],
  ])('answers %s with the code of SRS, %i', async (path, code) => {
    expect(await answer(path)).toMatchObject({ code })
  })
})

describe('The OpenAPI document', () => {
  it('is valid, and the one that is kept in docs', async () => {
    const document = await readOpenApi()
    expect(await new Validator().validate(document as Record<string, unknown>)).toMatchObject({ valid: true })
    expect(await readKeptOpenApi(), 'run npm run openapi').toEqual(document)
  })

  it('describes every answer exactly: of each endpoint that can be asked by GET', async () => {
    const ids = await firstIds()
    const asked = contract.pathsOfJson
    for (const path of asked) {
      const url = path.replace('{id}', ids[path.split('/')[3] ?? ''] ?? '')
      await contract.askData(`get ${path}`, `${apiUrl}${url}`)
    }
    expect(asked).toEqual(expect.arrayContaining(['/', '/api/v1/clients/{id}', '/api/v1/refusals/']))
  })
})

/** Something of each kind that has an id. */
async function firstIds(): Promise<Record<string, string>> {
  const ids: Record<string, string> = {}
  for (const kind of ['vhosts', 'streams', 'clients']) {
    const list = (await answer(`/api/v1/${kind}/`))[kind] as { id: string }[]
    ids[kind] = list[0]?.id ?? ''
  }
  return ids
}

const KICK = 'delete /api/v1/clients/{id}'
const CLIENT = 'get /api/v1/clients/{id}'

// These are the last of this server: its players are sent away.
describe('The answers of what changes something are as OpenAPI describes them:', () => {
  /** The id of the one client of a type. */
  async function idOf(type: string): Promise<string> {
    return await waitFor(`a client ${type}`, async () => {
      const { clients } = (await answer('/api/v1/clients/')) as { clients: { id: string; type: string }[] }
      return clients.find((client) => client.type === type)?.id
    })
  }

  /** Disconnects a client: before it, to it and after it the API answers as SRS did. */
  async function kick(id: string): Promise<void> {
    const isAdded = (place: string, key: string): boolean =>
      ADDED[`clients_one_after_delete${place}`]?.includes(key) === true
    const url = `${apiUrl}/api/v1/clients/${id}`
    expect(await contract.askData(CLIENT, url)).toMatchObject({ code: 0, client: { id } })
    const kicked = await contract.askData(KICK, url)
    expect(shapeDifferences(kicked, await recorded('clients_delete'), () => false)).toEqual([])
    expect(kicked.code).toBe(0)
    const after = await waitFor('it is gone', async () => {
      const given = await contract.askData(CLIENT, url)
      return given.code === 0 ? null : given
    })
    const recordedAfter = await recorded('clients_one_after_delete')
    expect(shapeDifferences(after, recordedAfter, isAdded)).toEqual([])
    expect(after).toMatchObject(recordedAfter as object)
    expect(await contract.askData(KICK, url)).toMatchObject({
      code: 2049,
      message: expect.stringContaining(id),
    })
  }

  it('DELETE of a player by RTMP, which is disconnected, and the others are not', async () => {
    await kick(await idOf('rtmp-play'))
    await rtmpPlayer.closed
    expect(await answer('/api/v1/clients/')).toMatchObject({
      clients: [{ type: 'fmle-publish' }, { type: 'flv-play' }],
      total: 2,
    })
  })

  it('DELETE of a session of HLS, which gets nothing more', async () => {
    const session = await mediaPlaylistUrl(`${given.httpUrl}/live/livestream.m3u8`)
    const id = await idOf('hls-play')
    // HLS is made from now on, so the first segment is of what comes now.
    sendMedia(10_000)
    expect((await ask(session)).status).toBe(200)
    await kick(id)
    expect((await ask(session)).status).toBe(404)
  })

  it('DELETE of who is not there, of nobody, and of an id with more behind it, which nobody has', async () => {
    for (const more of ['/', '/x']) {
      const id = await idOf('fmle-publish')
      const url = `${apiUrl}/api/v1/clients/${id}${more}`
      expect(await contract.askData(KICK, url)).toMatchObject({ code: 2049 })
    }
    expect(await contract.askData(KICK, `${apiUrl}/api/v1/clients/nobody`)).toMatchObject({ code: 2049 })
    const nobody = 'delete /api/v1/clients/'
    expect(await contract.askData(nobody, `${apiUrl}/api/v1/clients/`)).toMatchObject({ code: 2049 })
  })

  it('reloading, where it is not allowed', async () => {
    const refused = { code: 1061, message: expect.stringContaining('allow_reload') }
    expect(await contract.askData('get /api/v1/reload', `${apiUrl}/api/v1/reload`)).toMatchObject(refused)
    expect(await contract.askData('post /api/v1/reload', `${apiUrl}/api/v1/reload`)).toMatchObject(refused)
    expect(await contract.askData('get /api/v1/raw', `${apiUrl}/api/v1/raw?rpc=reload`)).toMatchObject({
      code: 1061,
    })
  })

  it('reloading, where it is: planned, done, and failed', async (scope) => {
    const settings: ServerSettings = {
      api: { port: 0 },
      http: { port: 0 },
      apiAccess: { rawApi: { enabled: true, allowReload: true } },
    }
    const { server } = await startServer(scope, settings as object)
    const url = `http://127.0.0.1:${server.apiAddress?.port}`
    const next = { ...server.settings, hls: { windowMs: 7_000 } }
    let fault: string | null = null
    server.useReloadSource({
      plan: async () => ({ plan: await server.planReload(next) }),
      reload: async () => (fault === null ? { plan: await server.reload(next) } : { faults: fault }),
    })
    const change = { setting: 'hls.windowMs', after: 7_000 }
    const update = expect.objectContaining({ action: 'update', changes: [expect.objectContaining(change)] })
    const steps = expect.arrayContaining([update])
    const planned = await contract.askData('get /api/v1/reload', `${url}/api/v1/reload`)
    expect(planned).toMatchObject({ code: 0, data: { steps, cut: [] } })
    expect(server.settings.hls?.windowMs).not.toBe(7_000)
    expect(await contract.askData('post /api/v1/reload', `${url}/api/v1/reload`)).toMatchObject({
      code: 0,
      data: { steps },
    })
    expect(server.settings.hls?.windowMs).toBe(7_000)
    fault = 'srs.conf:1: no'
    const failed = { code: 1023, message: fault }
    expect(await contract.askData('post /api/v1/reload', `${url}/api/v1/reload`)).toMatchObject(failed)
    expect(await contract.askData('get /api/v1/raw', `${url}/api/v1/raw?rpc=reload`)).toEqual({ code: 0 })
    await waitFor('how it went', async () => {
      const { data } = await contract.askData('get /api/v1/raw', `${url}/api/v1/raw?rpc=reload-fetch`)
      return JSON.stringify(data).includes('"err":1023') && JSON.stringify(data).includes('"state":90')
    })
  })
})

describe('Also as OpenAPI describes them are', () => {
  it('the answers to a method that is not there (405), and to too long a body (413)', async () => {
    const put = await ask(`${apiUrl}/api/v1/streams/`, { method: 'PUT', body: 'x' })
    expect(put).toMatchObject({ status: 405, body: 'Method Not Allowed' })
    expect([put.headers.get('allow'), put.headers.get('content-type')]).toEqual([
      'GET, HEAD',
      'text/plain; charset=utf-8',
    ])
    const body = 'x'.repeat(MAX_HTTP_BODY_BYTES + 1)
    const long = await contract.ask('post /api/v1/reload', `${apiUrl}/api/v1/reload`, { body })
    expect(long.status).toBe(413)
  })

  it('the answers to who is not known (401), may only look (403), or guesses too often (429)', async (scope) => {
    const { server } = await startServer(scope, {
      api: { port: 0 },
      limits: { trustedAddresses: [] },
      apiAccess: {
        auth: { username: 'admin', password: 's3cret' },
        failureBurstPerAddress: 1,
        failureRatePerAddress: 0.001,
      },
    })
    const url = `http://127.0.0.1:${server.apiAddress?.port}/api/v1/clients/nobody`
    const statuses: number[] = []
    const own = { authorization: `Basic ${btoa('admin:s3cret')}` }
    const foreign = { ...own, origin: 'http://other.example' }
    for (const headers of [foreign, { authorization: 'Bearer guess' }, own]) {
      statuses.push((await contract.ask(KICK, url, { headers })).status)
    }
    expect(statuses).toEqual([403, 401, 429])
  })

  it('what is given to scripts (JSONP), refusals included, and the answers to a query that can not be used (400)', async () => {
    const script = 'text/javascript'
    for (const path of ['/api/v1/versions', '/api/v1/streams/', '/metrics', '/']) {
      const given = await contract.ask(`get ${path}`, `${apiUrl}${path}?callback=show`)
      expect([given.headers.get('content-type'), given.body?.slice(0, 13)]).toEqual([script, 'show({"code":'])
      expect((await contract.ask(`get ${path}`, `${apiUrl}${path}?callback=1`)).status).toBe(400)
    }
    const events = `${apiUrl}/api/v1/events`
    expect((await contract.ask('get /api/v1/events', `${events}?events=clients`)).status).toBe(400)
  })

  it('the refusals of what pages of other sites may not read (403)', async (scope) => {
    const { server } = await startServer(scope, { api: { port: 0, crossOrigin: false } })
    const url = `http://127.0.0.1:${server.apiAddress?.port}/api/v1/streams/`
    const headers = { referer: 'http://other.example/' }
    for (const query of ['?callback=show', '']) {
      const expected = query === '' ? 200 : 403
      expect((await contract.ask('get /api/v1/streams/', `${url}${query}`, { headers })).status).toBe(
        expected,
      )
    }
  })

  it('metrics, and the answer where there are none', async (scope) => {
    const none = await contract.ask('get /metrics', `${apiUrl}/metrics`)
    expect(JSON.parse(none.body ?? '')).toMatchObject({ code: 1090 })
    const { server } = await startServer(scope, { api: { port: 0 }, exporter: { port: 0 } })
    const url = `http://127.0.0.1:${server.apiAddress?.port}/metrics`
    expect((await contract.ask('get /metrics', url)).body).toMatch(/^# HELP /)
  })

  it('events of every kind', async (scope) => {
    const { events } = await Events.open(scope, apiUrl)
    const player = await RtmpClient.connect(given.rtmpUrl)
    scope.onTestFinished(() => player.destroy())
    await player.play('live/livestream')
    const second = await RtmpClient.connect(given.rtmpUrl)
    scope.onTestFinished(() => second.destroy())
    await expect(second.publish('live/refused')).rejects.toThrow()
    const kinds = ['server', 'streams', 'client', 'refusal']
    await waitFor('each', () => kinds.every((kind) => events.received.some(({ event }) => event === kind)))
    const operation = 'get /api/v1/events'
    expect(contract.dataFaultsOf(operation, 200, 'text/event-stream', events.received)).toEqual([])
    const wrong = [{ event: 'client', data: {} }]
    expect(contract.dataFaultsOf(operation, 200, 'text/event-stream', wrong)).not.toEqual([])
  })
})

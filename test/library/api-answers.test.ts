import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readKeptOpenApi, readOpenApi } from '../../scripts/openapi.ts'
import type { JsonSchema } from '../../src/control/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { type Json, shapeDifferences } from '../support/json-shape.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

/** Endpoints that SRS has not. */
const OURS = ['reload', 'refusals', 'relays', 'events', 'openapi.json']

/** What we say and SRS does not: by recorded answer and place in it, behind what SRS says. There is nothing else. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  'v1.urls': OURS,
  'nosuch.urls': OURS,
  'requests.urls': OURS,
  requests: ['data'],
  streams: ['total'],
  'streams.streams[]': ['health'],
  'streams.streams[].video': ['rfc6381'],
  'streams.streams[].audio': ['rfc6381'],
  'summaries.data.self': ['event_loop'],
  clients: ['total'],
  'clients.clients[]': ['protocol', 'lag_ms', 'skips'],
  clients_nosuch: ['message'],
}

/** What SRS was asked, by the name of its recorded answer in test/fixtures/api. */
const ASKED: Readonly<Record<string, string>> = {
  root: '/',
  api: '/api/',
  v1: '/api/v1/',
  nosuch: '/api/v1/nosuch',
  versions: '/api/v1/versions',
  authors: '/api/v1/authors',
  features: '/api/v1/features',
  requests: '/api/v1/requests',
  vhosts: '/api/v1/vhosts/',
  streams: '/api/v1/streams/',
  clients: '/api/v1/clients/',
  clients_nosuch: '/api/v1/clients/nosuch',
  summaries: '/api/v1/summaries',
  rusages: '/api/v1/rusages',
  self_proc_stats: '/api/v1/self_proc_stats',
  system_proc_stats: '/api/v1/system_proc_stats',
  meminfos: '/api/v1/meminfos',
  raw_rpc_raw: '/api/v1/raw?rpc=raw',
}

/** What each recorded answer has in its place: with one publisher, one player by RTMP and one by HTTP-FLV. */
const fileScope = new FileScope()
let given: TestServer
let apiUrl: string
let publisher: RtmpClient
let rtmpPlayer: RtmpClient
/** Bytes of the HTTP-FLV player's connection. */
let flvBytes: () => { sent: number; received: number }
/** What the publisher has sent. */
const sent = { videoFrames: 0, bytes: 0 }

beforeAll(async () => {
  // Nothing more comes once everything is sent, so that numbers can be compared.
  const rtmp = { mediaTimeoutMs: 600_000 }
  given = await startServer(fileScope, {
    rtmp,
    broadcast: { minLatency: true },
    api: { port: 0, page: false },
  })
  apiUrl = `http://127.0.0.1:${given.server.apiAddress?.port}`
  publisher = await RtmpClient.connect(given.rtmpUrl)
  fileScope.onTestFinished(() => publisher.destroy())
  await publisher.publish('live/livestream?token=abc')
  rtmpPlayer = await RtmpClient.connect(given.rtmpUrl)
  fileScope.onTestFinished(() => rtmpPlayer.destroy())
  await rtmpPlayer.play('live/livestream')
  flvBytes = await playFlv(`${given.httpUrl}/live/livestream.flv`)
  const read = (await readPacketsOf(3)).filter(({ kind }) => kind !== 'data')
  // Audio behind the last picture would wait for the next one.
  const packets = read.slice(0, read.findLastIndex(({ kind }) => kind === 'video') + 1)
  for (const { kind, timestamp, body } of packets) {
    if (kind === 'video') {
      publisher.sendVideo(timestamp, body)
      // FLV, E.4.3.1: 1 is a picture, 0 a sequence header.
      sent.videoFrames += body[1] === 1 ? 1 : 0
    } else {
      publisher.sendAudio(timestamp, body)
    }
    sent.bytes += body.length
  }
  const last = packets.at(-1)?.timestamp
  await waitFor('everything has come to the players', () =>
    rtmpPlayer.media.some(({ timestamp }) => timestamp === last),
  )
})
afterAll(() => fileScope.clean())

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
    const document = await answer('/api/v1/openapi.json')
    const ajv = new Ajv2020({ strict: false })
    ajv.addSchema(closed(document) as object, 'api')
    const paths = document.paths as Record<string, { get?: { responses: Record<string, Response> } }>
    const asked: string[] = []
    const ids = await firstIds()
    for (const [path, { get: operation }] of Object.entries(paths)) {
      if (operation?.responses['200']?.content?.['application/json'] === undefined) {
        continue
      }
      const pointer = `api#/paths/${path.replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`
      const validate = ajv.getSchema(pointer.replaceAll('{', '%7B').replaceAll('}', '%7D'))
      const url = path.replace('{id}', ids[path.split('/')[3] ?? ''] ?? '')
      const body = await answer(url)
      expect({ path, valid: validate?.(body), errors: validate?.errors }).toEqual({
        path,
        valid: true,
        errors: null,
      })
      asked.push(path)
    }
    expect(asked).toEqual(expect.arrayContaining(['/', '/api/v1/clients/{id}', '/api/v1/refusals/']))
  })
})

type Response = { content?: Record<string, { schema: JsonSchema }> }

/** Something of each kind that has an id. */
async function firstIds(): Promise<Record<string, string>> {
  const ids: Record<string, string> = {}
  for (const kind of ['vhosts', 'streams', 'clients']) {
    const list = (await answer(`/api/v1/${kind}/`))[kind] as { id: string }[]
    ids[kind] = list[0]?.id ?? ''
  }
  return ids
}

/** The same document, with nothing allowed in objects but what it names. */
function closed(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(closed)
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  const entries = Object.entries(value).map(([key, each]) => [key, closed(each)] as const)
  const isPlainObject =
    'type' in value && value.type === 'object' && 'properties' in value && !('additionalProperties' in value)
  return { ...Object.fromEntries(entries), ...(isPlainObject ? { additionalProperties: false } : {}) }
}

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HookOptions, RtmpPublisher } from '../../src/index.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type HookServer, sayYes, startHookServer } from '../support/hook-server.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv } from '../support/players.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, askUpgrade, CLIP, mediaPlaylistUrl } from '../support/web.ts'

type Body = Readonly<Record<string, unknown>>

/** The keys of each event that SRS 7.0.18 sent, in their order. */
const KEYS_OF_SRS: ReadonlyMap<string, readonly string[]> = new Map(
  (
    JSON.parse(
      readFileSync(new URL('../fixtures/hooks/srs-7.0.18.json', import.meta.url), 'utf8'),
    ) as readonly Readonly<{ body: Body }>[]
  ).map(({ body }) => [String(body.action), Object.keys(body)]),
)

const scope = new FileScope()
let hooks: HookServer
beforeAll(async () => {
  hooks = await startHookServer(scope)
})
beforeEach(() => {
  hooks.respond(sayYes)
  hooks.requests.length = 0
})
afterAll(() => scope.clean())

function allHooks(): HookOptions {
  const at = (path: string): string[] => [`${hooks.url}/api/v1/${path}`]
  return {
    onConnect: at('clients'),
    onClose: at('clients'),
    onPublish: at('streams'),
    onUnpublish: at('streams'),
    onPlay: at('sessions'),
    onStop: at('sessions'),
  }
}

const bodies = (): Body[] => hooks.requests.map(({ body }) => body)
const actionsOf = (clientId: unknown): unknown[] =>
  bodies()
    .filter((body) => body.client_id === clientId)
    .map((body) => body.action)

async function publish(test: Scope, url: string): Promise<RtmpClient> {
  const { origin, path } = /^(?<origin>rtmp:\/\/[^/]+)\/(?<path>.*)$/.exec(url)?.groups ?? {}
  const client = await RtmpClient.connect(origin ?? '')
  test.onTestFinished(() => client.destroy())
  await client.publish(path)
  return client
}

describe('hooks', () => {
  it('are told of every event of every protocol what SRS tells, key by key', async (test) => {
    const given = await startServer(scope, { hooks: allHooks() })
    const { rtmpUrl, httpUrl, wsUrl, server } = given
    const publisher = await publish(test, `${rtmpUrl}/live/a?token=abc`)
    const players = {
      rtmp: await playRtmp(test, `${rtmpUrl}/live/a`),
      'http-flv': await playHttpFlv(test, `${httpUrl}/live/a.flv?key=1`),
      'ws-flv': await playWebSocketFlv(test, `${wsUrl}/live/a.flv`),
    }
    await mediaPlaylistUrl(`${httpUrl}/live/a.m3u8`)
    for (const player of Object.values(players)) {
      player.leave()
    }
    await waitFor('the players have gone', () => server.stream('live/a')?.viewers.size === 1)
    await publisher.destroy()
    await waitFor('the publisher has gone', () => server.stream('live/a')?.publication === null)
    // HLS has no connection that ends.
    await server.close()
    expect(bodies().length).toBe(20)
    const ids = [...new Set(bodies().map((body) => body.client_id))]
    expect(ids.map(actionsOf)).toEqual([
      ['on_connect', 'on_publish', 'on_unpublish', 'on_close'],
      ...Array.from({ length: 4 }, () => ['on_connect', 'on_play', 'on_stop', 'on_close']),
    ])
    for (const body of bodies()) {
      expect([body.action, Object.keys(body)]).toEqual([body.action, KEYS_OF_SRS.get(String(body.action))])
      expect(body).toMatchObject({
        server_id: server.identity.serverId,
        service_id: server.identity.serviceId,
        ip: '127.0.0.1',
        vhost: '__defaultVhost__',
        app: 'live',
      })
    }
    expect(new Set(bodies().flatMap((body) => ('stream_id' in body ? [body.stream_id] : []))).size).toBe(1)
    expect(bodies().find((body) => body.action === 'on_publish')).toMatchObject({
      tcUrl: `${rtmpUrl}/live`,
      stream: 'a',
      param: '?token=abc',
      stream_url: '/live/a',
    })
    const plays = bodies().filter((body) => body.action === 'on_play')
    expect(plays.map(({ stream, tcUrl, param }) => [stream, tcUrl, param])).toEqual([
      ['a', `${rtmpUrl}/live`, ''],
      ['a', 'rtmp://__defaultVhost__/live', '?key=1'],
      ['a', 'rtmp://__defaultVhost__/live', ''],
      ['a.m3u8', 'http://127.0.0.1/live', ''],
    ])
    const closed = bodies().find((body) => body.action === 'on_close' && body.client_id === ids[0])
    // A handshake has 3073 bytes each way.
    expect(closed?.recv_bytes).toBeGreaterThan(3073)
    expect(closed?.send_bytes).toBeGreaterThan(3073)
    expect(new Set(hooks.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(20)
  })

  it('are asked about a connection once, and told of its end once, whatever it publishes and plays', async (test) => {
    const { rtmpUrl, server } = await startServer(scope, { hooks: allHooks() })
    const client = await publish(test, `${rtmpUrl}/live/a`)
    await client.play('live/b')
    await client.destroy()
    await waitFor('it has gone', () => server.rtmpConnections === 0)
    await server.close()
    const [before, after] = [actionsOf('c1').slice(0, 3), actionsOf('c1').slice(3)]
    expect(before).toEqual(['on_connect', 'on_publish', 'on_play'])
    // About different streams there is no order.
    expect(after.sort()).toEqual(['on_close', 'on_stop', 'on_unpublish'])
  })

  it('are asked about a file that is ingested in this process as about an FFmpeg beside it, and told of its end', async () => {
    const output = 'rtmp://127.0.0.1:[port]/live?vhost=[vhost]/clip?token=abc'
    const ingest = [{ id: 'clip', url: CLIP, engines: [{ enabled: false, output }] }]
    const vhosts = { __defaultVhost__: { ingest, hooks: allHooks() } }
    const { server, rtmpUrl, httpUrl } = await startServer(scope, { vhosts })
    await waitFor('the file', () => server.stream('live/clip')?.publication)
    const { body: known } = await ask(`${httpUrl}/api/v1/clients/`)
    await server.close()
    expect(bodies().map(({ action }) => action)).toEqual([
      'on_connect',
      'on_publish',
      'on_unpublish',
      'on_close',
    ])
    for (const body of bodies()) {
      expect(Object.keys(body)).toEqual(KEYS_OF_SRS.get(String(body.action)))
      expect(body).toMatchObject({ client_id: 'file-live-clip', ip: '127.0.0.1', app: 'live' })
    }
    expect(bodies()[1]).toMatchObject({
      tcUrl: `${rtmpUrl}/live?vhost=__defaultVhost__`,
      stream: 'clip',
      param: '?token=abc&vhost=__defaultVhost__',
    })
    expect(JSON.parse(known ?? '').clients[0]).toMatchObject({ id: 'file-live-clip', ip: 'local' })
  })

  it('refuse a file that is ingested, which is tried again', async () => {
    hooks.respond((_request, response) => response.writeHead(403).end())
    const output = 'rtmp://127.0.0.1:[port]/live/clip'
    const ingest = [{ id: 'clip', url: CLIP, engines: [{ enabled: false, output }] }]
    const vhosts = { __defaultVhost__: { ingest, hooks: { onPublish: [hooks.url] } } }
    const { server } = await startServer(scope, { vhosts })
    const refused = await waitFor('a refusal', () => server.programs.find(({ failures }) => failures > 0))
    expect(refused.lastError).toContain('hook on_publish')
    hooks.respond(sayYes)
    await waitFor('the file', () => server.stream('live/clip')?.publication)
  })

  it('name streams by the ids that the API has for them', async (test) => {
    const { rtmpUrl, httpUrl } = await startServer(scope, { hooks: { onPublish: [hooks.url] } })
    await publish(test, `${rtmpUrl}/live/a`)
    const { body } = await ask(`${httpUrl}/api/v1/streams/`)
    const answer = JSON.parse(body ?? '')
    const [told] = bodies()
    expect(told).toMatchObject({
      server_id: answer.server,
      service_id: answer.service,
      stream_id: answer.streams[0].id,
      client_id: answer.streams[0].publish.cid,
    })
  })

  it('are asked and told about clients within TLS as about others', async (test) => {
    const tls = await makeCertificate(test)
    const { server } = await startServer(scope, { hooks: allHooks(), tls })
    const publisher = await RtmpPublisher.publish(`${server.rtmpsUrl}/live/a`, {
      tls: { rejectUnauthorized: false },
    })
    await publisher.close()
    await waitFor('it has gone', () => server.rtmpConnections === 0)
    await server.close()
    expect(bodies().map((body) => body.action)).toEqual([
      'on_connect',
      'on_publish',
      'on_unpublish',
      'on_close',
    ])
    expect(bodies()[1]).toMatchObject({ tcUrl: `${server.rtmpsUrl}/live`, ip: '127.0.0.1' })
  })

  it('are not about what the program itself publishes and plays', async (test) => {
    const { server } = await startServer(scope, { hooks: allHooks() })
    const stop = await server.publishFile('live/file', { path: CLIP })
    for await (const _frame of server.frames('live/file')) {
      break
    }
    await stop()
    await server.close()
    expect(bodies()).toEqual([])
    expect(test.task.result?.errors).toBeUndefined()
  })
})

describe('a client that a hook refuses', () => {
  let given: TestServer
  beforeAll(async () => {
    given = await startServer(scope, { hooks: allHooks() })
  })

  it.each(['on_connect', 'on_publish', 'on_play'])('by %s never begins, by any protocol', async (action) => {
    const { rtmpUrl, httpUrl, wsUrl } = given
    const path = `live/${action}`
    // Without somebody who has published it, HLS has nothing to ask about.
    const publisher = await publish(scope, `${rtmpUrl}/${path}`)
    if (action !== 'on_play') {
      const [id] = bodies().flatMap((body) => (body.stream === action ? [body.client_id] : []))
      await publisher.destroy()
      await waitFor('it has gone, and the hooks know', () => actionsOf(id).includes('on_close'))
    }
    const refusals = JSON.parse((await ask(`${httpUrl}/api/v1/refusals/`)).body ?? '').total
    hooks.requests.length = 0
    hooks.respond((request, response) => response.end(request.body.action === action ? '{"code":1}' : '0'))
    const reason = `hook ${action}: it answered code 1: {"code":1}`
    if (action !== 'on_play') {
      await expect(publish(scope, `${rtmpUrl}/${path}`)).rejects.toThrow(
        `NetStream.Publish.BadName: publish refused: ${reason}`,
      )
    }
    if (action !== 'on_publish') {
      await expect(playRtmp(scope, `${rtmpUrl}/${path}`)).rejects.toThrow(
        `NetStream.Play.Failed: play refused: ${reason}`,
      )
      const no = { status: 403, body: `play refused: ${reason}\n` }
      expect(await ask(`${httpUrl}/${path}.flv`)).toMatchObject(no)
      expect(await ask(`${httpUrl}/${path}.m3u8`)).toMatchObject(no)
      expect(await askUpgrade(`${wsUrl}/${path}.flv`)).toMatchObject(no)
    }
    const wanted = { on_connect: 5, on_publish: 1, on_play: 4 }[action] ?? 0
    expect(bodies().filter((body) => body.action === action)).toHaveLength(wanted)
    const { total, refusals: newest } = JSON.parse((await ask(`${httpUrl}/api/v1/refusals/`)).body ?? '')
    expect(total - refusals).toBe(wanted)
    expect(newest[0]).toMatchObject({ link: 'hook', code: 'hook_refused', reason })
    // Who was let in by on_connect is told to have gone; nobody has published or played.
    const idsOf = (event: string): unknown[] =>
      bodies().flatMap((body) => (body.action === event ? [body.client_id] : []))
    const connected = idsOf('on_connect')
    const toClose = action === 'on_connect' ? [] : connected
    await waitFor('the others are told', () => toClose.every((id) => idsOf('on_close').includes(id)))
    expect(connected.filter((id) => idsOf('on_close').includes(id))).toEqual(toClose)
    expect(bodies().filter((body) => /on_(stop|unpublish)/.test(String(body.action)))).toEqual([])
  })

  it('sees no start while the hook has not answered', async (test) => {
    let waiting: ServerResponse | null = null
    hooks.respond((request, response) => {
      if (request.body.action === 'on_publish') {
        waiting = response
      } else {
        sayYes(request, response)
      }
    })
    const client = await RtmpClient.connect(given.rtmpUrl)
    test.onTestFinished(() => client.destroy())
    const published = client.publish('live/gated')
    const response = await waitFor('the hook is asked', () => waiting as ServerResponse | null)
    expect(client.statuses.map(({ code }) => code)).not.toContain('NetStream.Publish.Start')
    expect(given.server.stream('live/gated')).toBeUndefined()
    response.end('{"code":0}')
    await published
    expect(given.server.stream('live/gated')?.publication).not.toBeNull()
  })

  it.each([
    ['on_publish', 'on_unpublish'],
    ['on_play', 'on_stop'],
  ])(
    'that leaves while %s waits, which says yes then, is told by %s to do so no more',
    async (asked, told) => {
      let waiting: { id: unknown; response: ServerResponse } | null = null
      hooks.respond((request, response) => {
        if (request.body.action === asked) {
          waiting = { id: request.body.client_id, response }
        } else {
          sayYes(request, response)
        }
      })
      const client = await RtmpClient.connect(given.rtmpUrl)
      const entering = asked === 'on_publish' ? client.publish('live/left') : client.play('live/left')
      entering.catch(() => {})
      const { id, response } = await waitFor('the hook is asked', () => waiting)
      await client.destroy()
      await waitFor('it has gone', () => !given.server.clients.list.some((each) => each.id === id))
      response.end('0')
      await waitFor('the hooks are told', () => actionsOf(id).includes('on_close'))
      expect(actionsOf(id)).toEqual(['on_connect', asked, told, 'on_close'])
      const body = bodies().find(({ action, client_id }) => action === told && client_id === id)
      expect(Object.keys(body ?? {})).toEqual(KEYS_OF_SRS.get(told))
      expect(given.server.stream('live/left')).toBeUndefined()
    },
  )

  it('because the stream is published already is told to have gone, and not to have published', async (test) => {
    const busy = await startServer(scope, { hooks: allHooks(), streams: { takeover: 'refuse' } })
    await publish(test, `${busy.rtmpUrl}/live/busy`)
    hooks.requests.length = 0
    await expect(publish(test, `${busy.rtmpUrl}/live/busy`)).rejects.toThrow('live/busy is busy')
    // Of clients of tests before something may come only now.
    const own = (): Body[] => bodies().filter((body) => body.service_id === busy.server.identity.serviceId)
    await waitFor('it is told', () => own().some((body) => body.action === 'on_close'))
    expect(own().map((body) => body.action)).toEqual(['on_connect', 'on_publish', 'on_close'])
  })
})

describe('a server that is closed', () => {
  it('waits neither for hooks that do not answer nor for who waits for them', async (test) => {
    const { server, rtmpUrl, httpUrl, log } = await startServer(scope, { hooks: allHooks() })
    await publish(test, `${rtmpUrl}/live/a`)
    hooks.respond(() => {})
    const asked = [
      publish(test, `${rtmpUrl}/live/b`).catch(() => {}),
      ask(`${httpUrl}/live/a.flv`).catch(() => {}),
      ask(`${httpUrl}/live/a.m3u8`).catch(() => {}),
      askUpgrade(`${httpUrl}/live/a.flv`).catch(() => {}),
    ]
    // Of clients of tests before something may come only now.
    const own = (): number => bodies().filter((body) => body.service_id === server.identity.serviceId).length
    await waitFor('all are asked about', () => own() === 6)
    await server.close()
    await Promise.all(asked)
    expect(log.withMessage('notifications of hooks were not delivered before the end')).toHaveLength(1)
    expect(log.errors).toEqual([])
  })

  it('tells the end of a viewer about whom it asks just then', async (test) => {
    const { server, rtmpUrl, httpUrl, log } = await startServer(scope, { hooks: allHooks() })
    await publish(test, `${rtmpUrl}/live/a`)
    hooks.respond((request, response) => {
      if (request.body.action !== 'on_play') {
        sayYes(request, response)
      }
    })
    const asked = ask(`${httpUrl}/live/a.flv`).catch(() => {})
    const own = (): Body[] => bodies().filter((body) => body.service_id === server.identity.serviceId)
    await waitFor('it is asked about', () => own().some(({ action }) => action === 'on_play'))
    const viewer = own().find(({ action }) => action === 'on_play')?.client_id
    await server.close()
    await asked
    const told = own().filter((body) => body.client_id === viewer)
    expect(told.map(({ action }) => action)).toEqual(['on_connect', 'on_play', 'on_close'])
    expect(log.withMessage('a notification is dropped')).toEqual([])
  })

  it('tells the end of a connection where nothing else is told', async (test) => {
    const url = `${hooks.url}/api/v1/clients`
    const { server, rtmpUrl } = await startServer(scope, { hooks: { onConnect: [url], onClose: [url] } })
    await publish(test, `${rtmpUrl}/live/a`)
    await server.close()
    const own = bodies().filter((body) => body.service_id === server.identity.serviceId)
    expect(own.map(({ action }) => action)).toEqual(['on_connect', 'on_close'])
  })
})

import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createServer, type Server, type StreamRequest } from '../../src/index.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, RecordingLogger, type Scope, startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { askUpgrade, mediaPlaylistUrl, publishClip, watchFlv } from '../support/web.ts'

async function connect(scope: Scope, url: string): Promise<RtmpClient> {
  const client = await RtmpClient.connect(url)
  scope.onTestFinished(() => client.destroy())
  return client
}

/** Every event of a server, as `name protocol stream reason`. */
function record(server: Server): string[] {
  const told: string[] = []
  const describe = ({ name, client }: StreamRequest): string =>
    `${client.protocol} ${name.app}/${name.stream}`
  server.on('publish', (request) => told.push(`publish ${describe(request)}`))
  server.on('unpublish', (request, reason) => told.push(`unpublish ${describe(request)} ${reason.code}`))
  server.on('play', (request) => told.push(`play ${describe(request)}`))
  server.on('stop', (request, reason) => told.push(`stop ${describe(request)} ${reason.code}`))
  return told
}

async function expectEvents(told: readonly string[], wanted: readonly string[]): Promise<void> {
  await waitFor(
    () => `the events [${told}] are [${wanted}]`,
    () => told.length >= wanted.length,
  )
  expect(told).toEqual(wanted)
}

describe('a publisher', () => {
  it('that says so is unpublished', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const told = record(server)
    const client = await connect(scope, rtmpUrl)
    await client.publish('live/demo')
    await client.call('FCUnpublish', [null, 'demo'])
    await expectEvents(told, ['publish rtmp live/demo', 'unpublish rtmp live/demo unpublished'])
  })

  it.each([
    ['deleteStream', (client: RtmpClient) => client.command('deleteStream', [null, client.streamId])],
    ['closeStream', (client: RtmpClient) => client.command('closeStream', [null], client.streamId)],
  ])('that sends %s is unpublished', async (_name, send) => {
    const scope = new FileScope()
    try {
      const { server, rtmpUrl } = await startServer(scope)
      const told = record(server)
      const client = await connect(scope, rtmpUrl)
      await client.publish('live/demo')
      send(client)
      await expectEvents(told, ['publish rtmp live/demo', 'unpublish rtmp live/demo unpublished'])
    } finally {
      await scope.clean()
    }
  })

  it('whose connection ends is disconnected', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const told = record(server)
    const client = await connect(scope, rtmpUrl)
    await client.publish('live/demo')
    await client.destroy()
    await expectEvents(told, ['publish rtmp live/demo', 'unpublish rtmp live/demo disconnected'])
  })

  it('that is silent is replaced by the next', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope, { streams: { takeoverSilenceMs: 50 } })
    const told = record(server)
    const silent = await connect(scope, rtmpUrl)
    await silent.publish('live/demo')
    const next = await connect(scope, rtmpUrl)
    await next.publish('live/demo')
    await silent.closed
    await expectEvents(told, [
      'publish rtmp live/demo',
      'unpublish rtmp live/demo replaced',
      'publish rtmp live/demo',
    ])
  })

  it('is closed with the server', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const told = record(server)
    const client = await connect(scope, rtmpUrl)
    await client.publish('live/demo')
    await server.close()
    await client.closed
    expect(told).toEqual(['publish rtmp live/demo', 'unpublish rtmp live/demo closed'])
  })
})

describe('a player', () => {
  it('over RTMP is told of when it begins and when it stops', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    await publishClip(server)
    const told = record(server)
    const client = await connect(scope, rtmpUrl)
    await client.play('live/demo')
    await client.destroy()
    await expectEvents(told, ['play rtmp live/demo', 'stop rtmp live/demo disconnected'])
  })

  it('over HTTP-FLV is told of when it begins and when it stops', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    await publishClip(server)
    const told = record(server)
    const { leave } = await watchFlv(scope, `${httpUrl}/live/demo.flv`)
    leave()
    await expectEvents(told, ['play http-flv live/demo', 'stop http-flv live/demo disconnected'])
  })

  it('over WebSocket-FLV is told of when it begins and when it stops', async (scope) => {
    const { server, wsUrl } = await startServer(scope)
    await publishClip(server)
    const told = record(server)
    const webSocket = new WebSocket(`${wsUrl}/live/demo.flv`)
    await once(webSocket, 'open')
    webSocket.close()
    await expectEvents(told, ['play ws-flv live/demo', 'stop ws-flv live/demo disconnected'])
  })

  it('whose WebSocket is cut is told of, too', async (scope) => {
    const { server, wsUrl } = await startServer(scope)
    await publishClip(server)
    const told = record(server)
    expect((await askUpgrade(`${wsUrl}/live/demo.flv`)).status).toBe(101)
    await expectEvents(told, ['play ws-flv live/demo', 'stop ws-flv live/demo disconnected'])
  })

  it('is closed with the server, whatever it plays by', async (scope) => {
    const { server, rtmpUrl, httpUrl, wsUrl } = await startServer(scope)
    await publishClip(server)
    const told = record(server)
    const client = await connect(scope, rtmpUrl)
    await client.play('live/demo')
    const { ended } = await watchFlv(scope, `${httpUrl}/live/demo.flv`)
    await once(new WebSocket(`${wsUrl}/live/demo.flv`), 'open')
    await mediaPlaylistUrl(`${httpUrl}/live/demo.m3u8`)
    await server.close()
    await Promise.all([client.closed, ended])
    const protocols = ['rtmp', 'http-flv', 'ws-flv', 'hls']
    expect(told.slice(0, 4)).toEqual(protocols.map((protocol) => `play ${protocol} live/demo`))
    expect(told.slice(4).sort()).toEqual([
      ...protocols.map((protocol) => `stop ${protocol} live/demo closed`).sort(),
      'unpublish file live/demo unpublished',
    ])
  })

  it('that comes before the publisher is told of at once, and gets the stream when it begins', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const told = record(server)
    const client = await connect(scope, rtmpUrl)
    await client.play('live/demo')
    await publishClip(server)
    await client.waitForMedia(5)
    expect(told).toEqual(['play rtmp live/demo', 'publish file live/demo'])
  })
})

describe('a listener', () => {
  it('gets who it was, why it ended in words, and the same client id as before', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const began = once(server, 'publish')
    const ended = once(server, 'unpublish')
    const client = await connect(scope, rtmpUrl)
    await client.publish('live/demo?token=secret')
    await client.destroy()
    const [request] = await began
    const [same, reason] = await ended
    expect(request).toMatchObject({
      name: { vhost: '__defaultVhost__', app: 'live', stream: 'demo' },
      client: { protocol: 'rtmp', address: '127.0.0.1' },
    })
    expect(request.parameters.get('token')).toBe('secret')
    expect(same).toEqual(request)
    expect(reason).toEqual({ code: 'disconnected', message: 'the client closed the connection' })
  })

  it('that throws disturbs nobody, and stands in the log', async (scope) => {
    const logger = new RecordingLogger()
    const server = await createServer({ http: { port: 0, page: false }, logger })
    scope.onTestFinished(() => server.close())
    server.on('publish', () => {
      throw new Error('my listener is broken')
    })
    await publishClip(server)
    await watchFlv(scope, `${server.httpUrl}/live/demo.flv`)
    const [line] = await waitFor('it is in the log', () => (logger.errors.length > 0 ? logger.errors : null))
    expect(line).toMatchObject({
      message: 'a listener failed',
      fields: { event: 'onPublish', error: { message: 'my listener is broken' } },
    })
  })
})

import { describe, expect, it, vi } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { Events } from '../support/events.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip, watchFlv } from '../support/web.ts'

describe('GET /api/v1/streams/', () => {
  it('says what is published, in which formats, and to how many', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    await publishClip(server)
    await watchFlv(scope, `${httpUrl}/live/demo.flv`)
    const streams = await waitFor('the formats are known', async () => {
      const listed = JSON.parse((await ask(`${httpUrl}/api/v1/streams/`)).body ?? '')
      return listed.code === 0 && listed.streams[0]?.audio !== null ? listed.streams : null
    })
    expect(streams).toMatchObject([
      {
        name: 'demo',
        app: 'live',
        url: '/live/demo',
        clients: 2,
        publish: { active: true, cid: expect.any(String) },
        video: { codec: 'H264', profile: 'High', width: 640, height: 360, rfc6381: 'avc1.64001e' },
        audio: { codec: 'AAC', sample_rate: 48_000, channel: 2, profile: 'LC' },
      },
    ])
  })

  it('answers with an empty list when nothing is published, even if somebody waits', async (scope) => {
    const { httpUrl, rtmpUrl } = await startServer(scope)
    const waiting = await RtmpClient.connect(rtmpUrl)
    scope.onTestFinished(() => waiting.destroy())
    await waiting.play('live/demo')
    expect(JSON.parse((await ask(`${httpUrl}/api/v1/streams/`)).body ?? '')).toMatchObject({
      code: 0,
      streams: [],
    })
  })

  it('keeps a stream whose publisher left for a while, as inactive', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    const stop = await publishClip(server)
    await stop()
    const { streams } = JSON.parse((await ask(`${httpUrl}/api/v1/streams/`)).body ?? '')
    expect(streams).toMatchObject([{ url: '/live/demo', clients: 0 }])
    expect(streams[0].publish, 'as SRS says it, which names nobody there').toEqual({ active: false })
  })

  it('counts bytes in and out', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    await publishClip(server)
    await watchFlv(scope, `${httpUrl}/live/demo.flv`)
    await waitFor('bytes go in and out', async () => {
      const { streams } = JSON.parse((await ask(`${httpUrl}/api/v1/streams/`)).body ?? '')
      return streams[0].recv_bytes > 20_000 && streams[0].send_bytes > 20_000 && streams[0].frames > 1
    })
  })

  it('sends who leaves out the last slash there, as SRS does', async (scope) => {
    const { httpUrl } = await startServer(scope)
    const { status, headers } = await fetch(`${httpUrl}/api/v1/streams?count=20`, { redirect: 'manual' })
    expect(status).toBe(302)
    expect(headers.get('location')).toBe('/api/v1/streams/?count=20')
    const { body } = await ask(`${httpUrl}/api/v1/streams`)
    expect(JSON.parse(body ?? '')).toMatchObject({ code: 0 })
  })
})

describe('GET /api/v1/events', () => {
  it('is a stream of Server-Sent Events that pages of any origin may read', async (scope) => {
    const { httpUrl } = await startServer(scope)
    const { headers } = await Events.open(scope, httpUrl)
    expect(headers.get('content-type')).toBe('text/event-stream')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBe('*')
  })

  it('begins with where encoders connect', async (scope) => {
    const certificate = await makeCertificate(scope)
    const { server, httpUrl } = await startServer(scope, { tls: certificate })
    const { events } = await Events.open(scope, httpUrl)
    const first = await waitFor('an event', () => events.received[0])
    const ports = { rtmp_port: server.rtmpAddress?.port, rtmps_port: server.rtmpsAddress?.port }
    expect(first).toEqual({ event: 'server', data: { ...ports, media_port: null } })
    const plain = await Events.open(scope, (await startServer(scope)).httpUrl)
    const other = await waitFor('an event', () => plain.events.received[0])
    expect(other.data).toMatchObject({ rtmp_port: expect.any(Number), rtmps_port: null })
  })

  it('tells of the list at once, and of everybody who comes and goes', async (scope) => {
    // The list that is sent every 2 s anyway is not: what comes here comes because of a change.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    scope.onTestFinished(() => void vi.useRealTimers())
    const { server, httpUrl } = await startServer(scope)
    const { events } = await Events.open(scope, httpUrl)
    await events.waitForStreams('an empty list', (streams) => streams.length === 0)
    const stop = await publishClip(server)
    await events.waitForStreams('a published stream', ([first]) => first?.publish.active === true)
    const { leave } = await watchFlv(scope, `${httpUrl}/live/demo.flv`)
    await events.waitForStreams('a viewer', ([first]) => first?.clients === 2)
    const seen = events.received.length
    leave()
    await stop()
    await events.waitForStreams('nobody any more', ([first]) => first?.clients === 0 && !first.publish.active)
    expect(events.received.length).toBeGreaterThan(seen)
  })

  it('sends the list that /api/v1/streams/ has', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    await publishClip(server)
    const { events } = await Events.open(scope, httpUrl)
    const streams = await events.waitForStreams('the list', (list) => list.length === 1)
    const { streams: listed } = JSON.parse((await ask(`${httpUrl}/api/v1/streams/`)).body ?? '')
    expect(Object.keys(streams[0] ?? {})).toEqual(Object.keys(listed[0]))
    expect(streams[0]?.url).toBe(listed[0].url)
  })

  it('sends the list from time to time, changed or not', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    await publishClip(server)
    const { events } = await Events.open(scope, httpUrl)
    await waitFor('three lists', () => events.received.filter(({ event }) => event === 'streams').length >= 3)
  })

  it('tells of clients and refusals, and of those that were missed to who says where it left off', async (scope) => {
    const { server, httpUrl } = await startServer(scope, { onPlay: () => 'not today' })
    const listen = (headers: Record<string, string> = {}) =>
      Events.open(scope, `${httpUrl}/api/v1/events?events=client,refusal`, headers)
    const { events } = await listen()
    await publishClip(server)
    expect(await ask(`${httpUrl}/live/demo.flv`)).toMatchObject({ status: 403 })
    const seen = await waitFor('both', () => (events.received.length === 3 ? events.received : null))
    expect(seen).toMatchObject([
      { event: 'server' },
      { event: 'client', data: { event: 'publish', client: 'file-live-demo', url: '/live/demo' } },
      { event: 'refusal', data: { action: 'play', reason: 'not today', address: '127.0.0.1' } },
    ])
    const again = await listen({ 'last-event-id': seen[1]?.id ?? '' })
    const missed = await waitFor('what was missed', () => again.events.received[1])
    expect(missed).toEqual(seen[2])
  })

  it('ends with the server', async (scope) => {
    const { server, httpUrl } = await startServer(scope)
    const { events } = await Events.open(scope, httpUrl)
    await server.close()
    await events.ended
  })
})

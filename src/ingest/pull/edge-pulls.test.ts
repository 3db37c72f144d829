import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ScriptedRtmpServer } from '../../../test/support/scripted-rtmp-server.ts'
import { silentLogger, systemClock } from '../../base/index.ts'
import {
  defaultVhost,
  LiveService,
  noStreamEvents,
  openAdmission,
  parseStreamName,
  StreamRegistry,
  type StreamRequest,
  Vhosts,
} from '../../live/index.ts'
import { ServerHealth } from '../../net/index.ts'
import { EdgePulls, type EdgeVhost } from './edge-pulls.ts'
import { defaultEdgeOptions, type EdgeOptions } from './options.ts'
import { originsOf } from './origins.ts'

const IDLE_MS = 10_000

function requestOf(path: string): StreamRequest {
  const client = { id: `v-${path}`, protocol: 'rtmp', address: '192.0.2.1' } as const
  const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
  return { name: parseStreamName(path), client, ...nothing }
}

describe('EdgePulls', () => {
  let vhosts: Vhosts<EdgeVhost>
  let live: LiveService
  let pulls: EdgePulls

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    vhosts = new Vhosts([edge({})])
    live = new LiveService({
      registry: new StreamRegistry({ vhosts, clock: systemClock }),
      admission: openAdmission,
      events: noStreamEvents,
      logger: silentLogger,
      clock: systemClock,
    })
    let id = 0
    pulls = new EdgePulls({
      live,
      vhosts,
      health: new ServerHealth(systemClock),
      clock: systemClock,
      logger: silentLogger,
      nextClientId: () => `c${++id}`,
      maxPulls: 2,
      whoAsks: () => ({}),
      trailFor: () => [],
    })
    live.supply = {
      supplies: (name) => pulls.supplies(name),
      denial: (request) => pulls.denial(request),
      onViewer: (stream, request) => pulls.onViewer(stream, request),
      onPublicationChange: (stream) => pulls.onPublicationChange(stream),
      arrival: (stream, signal) => pulls.arrival(stream, signal),
      takeOnward: () => null,
    }
  })

  afterEach(() => {
    live.registry.close()
    expect(pulls.running).toBe(0)
    vi.useRealTimers()
  })

  /** Nothing listens there: what is pulled is not the matter. */
  function edge(options: Partial<EdgeOptions>): EdgeVhost {
    const { streams } = defaultVhost
    return {
      ...defaultVhost,
      streams: { ...streams, lingerMs: 60_000 },
      edge: { ...defaultEdgeOptions, mode: 'remote', origins: ['127.0.0.1:1'], idleMs: IDLE_MS, ...options },
    }
  }

  it('pulls a stream once, from its first viewer until idleMs after the last, and anew for one who comes then', async () => {
    const stream = live.registry.open(parseStreamName('live/demo'))
    const first = await live.play(requestOf('live/demo'))
    const second = await live.play(requestOf('live/demo'))
    expect(pulls.running).toBe(1)
    const gone = { code: 'disconnected', message: 'gone' } as const
    // Somebody has published it, so that it is kept without viewers.
    live.bring(
      { ...requestOf('live/demo'), client: { id: 'c1', protocol: 'edge', address: '' } },
      { onRevoked: () => {} },
    )
    first.end(gone)
    second.end(gone)
    vi.advanceTimersByTime(IDLE_MS - 1)
    expect(pulls.running).toBe(1)
    const third = await live.play(requestOf('live/demo'))
    vi.advanceTimersByTime(IDLE_MS)
    expect(pulls.running).toBe(1)
    third.end(gone)
    vi.advanceTimersByTime(IDLE_MS)
    expect(pulls.running).toBe(0)
    expect(stream.ended).toBe(false)
    await live.play(requestOf('live/demo'))
    expect(pulls.running).toBe(1)
  })

  it('refuses who asks for one stream more than may be pulled, and not who asks for one that is', async () => {
    await live.play(requestOf('live/a'))
    const second = await live.play(requestOf('live/b'))
    await live.play(requestOf('live/b'))
    await expect(live.play(requestOf('live/c'))).rejects.toThrow('2 streams are pulled already (MAX_PULLS)')
    expect(live.registry.streams).toHaveLength(2)
    second.end({ code: 'disconnected', message: 'gone' })
  })

  it('has nothing left of streams that were asked for and never came', async () => {
    for (let round = 0; round < 500; round++) {
      const viewing = await live.play(requestOf(`live/s${round}`))
      viewing.end({ code: 'disconnected', message: 'gone' })
    }
    expect(live.registry.streams).toEqual([])
    expect(pulls.infos).toEqual([])
    expect(live.clients.list).toEqual([])
  })

  it('begins and ends where the settings make a virtual host an edge, or none', async () => {
    vhosts.replace([edge({ mode: 'local' })])
    await live.play(requestOf('live/demo'))
    expect(pulls.running).toBe(0)
    vhosts.replace([edge({})])
    pulls.update()
    expect(pulls.running).toBe(1)
    vhosts.replace([edge({ mode: 'local' })])
    pulls.update()
    expect(pulls.running).toBe(0)
  })
})

describe('an origin', () => {
  it('is told who asks, the servers that it is asked for, and the virtual host that the settings name', async (scope) => {
    const server = await ScriptedRtmpServer.listen(scope)
    const { host } = new URL(server.url)
    const options = { ...defaultEdgeOptions, mode: 'remote', origins: [host], vhost: 'x.[vhost]' } as const
    const asked = {
      ...requestOf('//a.example/live/demo'),
      parameters: new URLSearchParams('vhost=a&token=1&hls_ctx=2'),
    }
    const context = { whoAsks: () => ({ srs_sig: 'SRS' }), trailFor: () => ['far', 'near'] }
    const [upstream] = originsOf(options, asked, context)
    expect(upstream?.address).toBe(`rtmp://${host}/live/demo?vhost=x.a.example`)
    const connection = await upstream?.connect(asked, new AbortController().signal)
    const [connect] = server.peer.commands
    expect(connect).toMatchObject({
      name: 'connect',
      object: { tcUrl: `rtmp://x.a.example:${host.split(':')[1]}/live`, srs_relay_trail: 'far,near' },
      args: [{ srs_sig: 'SRS' }],
    })
    const play = server.peer.commands.find(({ name }) => name === 'play')
    expect(play?.args[0]).toBe('demo?token=1')
    await connection?.close()
  })

  it('is, by stream, another for another stream, and the same for one wherever it is asked', async () => {
    const origins = ['a', 'b', 'c']
    const context = { whoAsks: () => ({}), trailFor: () => [] }
    const first = (path: string, among = origins): string =>
      originsOf({ ...defaultEdgeOptions, choice: 'by-stream', origins: among }, requestOf(path), context)[0]
        ?.server ?? ''
    const paths = Array.from({ length: 60 }, (_, index) => `live/s${index}`)
    const counts = origins.map(
      (origin) => paths.filter((path) => first(path) === `rtmp://${origin}:1935`).length,
    )
    expect(Math.min(...counts)).toBeGreaterThan(8)
    expect(paths.map((path) => first(path))).toEqual(paths.map((path) => first(path, ['c', 'a', 'b'])))
    // One that goes moves only its own.
    const stay = paths.filter((path) => first(path) !== 'rtmp://c:1935')
    expect(stay.map((path) => first(path, ['a', 'b']))).toEqual(stay.map((path) => first(path)))
  })

  it.each([
    ['flv', 'http-flv', 'http://a:80'],
    ['flvs', 'rtmp', 'https://a:443'],
    ['rtmps', 'hls', 'rtmps://a:443'],
  ] as const)('is asked by %s', async (protocol, client, server) => {
    const request = { ...requestOf('live/demo'), client: { id: 'v', protocol: client, address: '' } }
    const context = { whoAsks: () => ({}), trailFor: () => [] }
    const options = { ...defaultEdgeOptions, origins: ['a'], protocol }
    expect(originsOf(options, request, context)[0]?.server).toBe(server)
    const following = originsOf({ ...options, followClient: true, origins: ['a', 'b:9'] }, request, context)
    const scheme = client === 'http-flv' ? 'http' : 'rtmps'
    expect(following.map((upstream) => upstream.server.split(':')[0])).toEqual([scheme, server.split(':')[0]])
  })
})

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LiveRig } from '../../../test/support/live.ts'
import { RecordingLogger } from '../../../test/support/server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { RejectedError, systemClock } from '../../base/index.ts'
import {
  defaultVhost,
  type Publication,
  parseStreamName,
  type StreamRequest,
  Vhosts,
} from '../../live/index.ts'
import { ForwardService, type ForwardVhost } from './forward-service.ts'
import { defaultForwardOptions, type ForwardOptions } from './options.ts'
import { FakeDestination } from './testing/fake-destination.ts'

/** On, but for now and then. */
const mostly = fc.constantFrom(true, true, true, false)

describe('ForwardService', () => {
  let rig: LiveRig
  let log: RecordingLogger
  let vhosts: Vhosts<ForwardVhost>
  let to: FakeDestination
  let service: ForwardService
  let backend: (request: StreamRequest) => Promise<readonly string[]>

  beforeEach(() => {
    rig = new LiveRig(systemClock)
    log = new RecordingLogger()
    to = new FakeDestination()
    vhosts = new Vhosts([vhostWith({})])
    service = new ForwardService({
      registry: rig.live.registry,
      vhosts,
      clock: systemClock,
      logger: log,
      relayId: 'me',
      askBackend: (_url, request) => backend(request),
      connect: to.connect,
    })
  })

  afterEach(async () => {
    rig.live.registry.close()
    await service.close()
    expect(service.relays).toEqual([])
  })

  function vhostWith(forward: Partial<ForwardOptions>): ForwardVhost {
    return { ...defaultVhost, forward: { ...defaultForwardOptions, ...forward } }
  }

  function use(forward: Partial<ForwardOptions>): void {
    vhosts.replace([vhostWith(forward)])
    service.update()
  }

  function requestOf(path = 'live/demo', relayTrail: readonly string[] = []): StreamRequest {
    const client = { id: path, protocol: 'rtmp', address: '192.0.2.1' } as const
    const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
    return { name: parseStreamName(path), client, ...nothing, relayTrail }
  }

  async function publish(request: StreamRequest = requestOf()): Promise<Publication> {
    await service.prepare(request)
    const publication = await rig.live.publish(request, { onRevoked: () => {} })
    service.begin(request)
    return publication
  }

  function end(publication: Publication): void {
    publication.end({ code: 'unpublished', message: 'stopped' })
    service.end(publication.request)
  }

  const addresses = (): string[] => service.relays.map(({ address }) => address)
  const open = (): number => to.connections.filter(({ isClosed }) => !isClosed).length

  it('begins and ends with what is published', async () => {
    use({ destinations: ['a', 'b', 'a:1935'] })
    expect(service.relays).toEqual([])
    const publication = await publish(requestOf('live/demo', ['encoder-side']))
    expect(addresses()).toEqual(['rtmp://a/live/demo', 'rtmp://b/live/demo'])
    await waitFor('two connections', () => open() === 2)
    expect(to.connection.options.relayTrail).toEqual(['encoder-side', 'me'])
    end(publication)
    expect(service.relays).toEqual([])
    await waitFor('none', () => open() === 0)
  })

  it('does nothing where it is off, or has no destinations', async () => {
    use({ enabled: false, destinations: ['a'], backend: 'http://backend/' })
    backend = () => Promise.reject(new Error('nobody is to ask'))
    await publish()
    expect(service.relays).toEqual([])
  })

  it('follows the settings: only what has changed connects anew, as the plan says', async () => {
    use({ destinations: ['a', 'b'] })
    await publish()
    await waitFor('two connections', () => open() === 2)
    const [first] = to.connections
    const next = { destinations: ['rtmps://c/app/SECRET', 'a'] }
    expect(service.plan(new Vhosts([vhostWith(next)]))).toEqual([
      { stream: 'live/demo', destination: 'rtmp://a/live/demo', action: 'keep' },
      { stream: 'live/demo', destination: 'rtmp://b/live/demo', action: 'remove' },
      { stream: 'live/demo', destination: 'rtmps://c/app/***', action: 'add' },
    ])
    use(next)
    await waitFor('another', () => to.connections.length === 3)
    await waitFor('two', () => open() === 2)
    expect(first?.isClosed).toBe(false)
    use({ enabled: false, destinations: ['a'] })
    await waitFor('none', () => open() === 0)
    expect(service.relays).toEqual([])
  })

  it('does by an update what its plan said, for any two lists', async () => {
    const places = ['a', 'b', 'c:1936', 'rtmp://d/app/KEY', 'rtmp://e/[app]/[stream]']
    const options = fc.record({ enabled: mostly, destinations: fc.subarray(places) })
    use({ destinations: [] })
    await publish()
    await fc.assert(
      fc.asyncProperty(options, options, async (before, after) => {
        use(before)
        const kept = new Map(service.relays.map(({ address, id }) => [address, id]))
        const plan = service.plan(new Vhosts([vhostWith(after)]))
        use(after)
        const now = new Map(service.relays.map(({ address, id }) => [address, id]))
        const planned = (...actions: string[]): string[] =>
          plan.filter(({ action }) => actions.includes(action)).map(({ destination }) => destination)
        expect([...now.keys()].sort()).toEqual(planned('keep', 'add').sort())
        expect([...kept.keys()].sort()).toEqual(planned('keep', 'remove').sort())
        for (const destination of planned('keep')) {
          expect(now.get(destination)).toBe(kept.get(destination))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('sends to where a backend says, and refuses the publisher if that fails', async () => {
    use({ destinations: ['a'], backend: 'http://backend/' })
    backend = async ({ name }) => [
      `rtmp://x/${name.app}/${name.stream}`,
      `rtmp://y/app/key-of-${name.stream}`,
    ]
    await publish()
    expect(addresses()).toEqual(['rtmp://x/live/***', 'rtmp://y/app/***'])
    // Another list is for those without an answer; another backend for those who come.
    use({ destinations: ['b'], backend: 'http://backend/' })
    expect(addresses()).toHaveLength(2)
    backend = () => Promise.reject(new Error('it answered 500'))
    const refused = service.prepare(requestOf('live/other'))
    await expect(refused).rejects.toThrow(new RejectedError('the backend of forward failed: it answered 500'))
    backend = async () => Array(33).fill('x')
    await expect(service.prepare(requestOf('live/other'))).rejects.toThrow('MAX_DESTINATIONS')
    use({ destinations: ['b'], backend: null })
    expect(addresses()).toEqual(['rtmp://b/live/demo'])
  })

  it('leaves out what is no destination, and says so', async () => {
    use({ backend: 'http://backend/' })
    backend = async () => ['http://x/', 'a']
    await publish()
    expect(addresses()).toEqual(['rtmp://a/live/demo'])
    expect(log.withMessage('not forwarded')).toHaveLength(1)
  })

  it('sends one stream at most to a place: the next goes when the first is over', async () => {
    use({ destinations: ['rtmp://a/app/KEY'] })
    const first = await publish(requestOf('live/one'))
    await waitFor('a connection', () => open() === 1)
    await publish(requestOf('live/two'))
    await waitFor('it waits', () => service.relays[1]?.state === 'waiting')
    expect(service.relays[1]).toMatchObject({ lastError: 'live/one is sent there already' })
    end(first)
    await waitFor('its turn', () => service.relays[0]?.state === 'running')
    expect(to.connections).toHaveLength(2)
    expect(open()).toBe(1)
  })

  it('sends on at once when a publisher returns', async () => {
    use({ destinations: ['a'] })
    end(await publish())
    await publish()
    await waitFor('it runs', () => service.relays[0]?.state === 'running')
    expect(open()).toBe(1)
  })
})

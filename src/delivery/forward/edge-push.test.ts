import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { flvTag } from '../../../test/support/flv.ts'
import { LiveRig } from '../../../test/support/live.ts'
import { RejectedError, silentLogger, systemClock } from '../../base/index.ts'
import { type EndReason, type Publication, parseStreamName, type StreamRequest } from '../../live/index.ts'
import { ServerHealth } from '../../net/index.ts'
import { RtmpRefusedError } from '../../rtmp/index.ts'
import { resolveDestination } from './destination.ts'
import { EdgePush, MAX_PUSH_OUTAGE_MS, type PushOrigin } from './edge-push.ts'
import { FakeDestination } from './testing/fake-destination.ts'

const REQUEST: StreamRequest = {
  name: parseStreamName('live/demo'),
  client: { id: 'p1', protocol: 'rtmp', address: '192.0.2.1' },
  vhost: '',
  parameters: new URLSearchParams('token=1'),
  param: '?token=1',
  tcUrl: '',
  pageUrl: '',
}

function refusal(description: string): RtmpRefusedError {
  const status = 'NetStream.Publish.BadName'
  return new RtmpRefusedError({ command: 'publish', status, description, redirect: null, information: null })
}

describe('EdgePush', () => {
  let rig: LiveRig
  let one: FakeDestination
  let two: FakeDestination
  let contested: boolean
  const pushes: EdgePush[] = []
  const revoked: EndReason[] = []

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    rig = new LiveRig(systemClock, { broadcast: { minLatency: true } })
    one = new FakeDestination()
    two = new FakeDestination()
    contested = false
    revoked.length = 0
  })

  afterEach(async () => {
    await Promise.all(pushes.splice(0).map((push) => push.end()))
    rig.live.registry.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

  function origins(): PushOrigin[] {
    return ['one', 'two'].map((host) => ({
      server: `rtmp://${host}:1935`,
      destination: resolveDestination(`rtmp://${host}`, REQUEST),
    }))
  }

  async function open(): Promise<EdgePush> {
    const push = await EdgePush.open({
      id: 'e1',
      request: REQUEST,
      origins,
      health: new ServerHealth(systemClock),
      options: () => ({}),
      trail: () => ['me'],
      connect: (target, options) => (target.host === 'one' ? one : two).connect(target, options),
      onEnd: () => {},
      isContested: () => contested,
      clock: systemClock,
      logger: silentLogger,
    })
    pushes.push(push)
    return push
  }

  /** Publishes here, and begins the push. */
  async function begin(): Promise<{ push: EdgePush; publication: Publication }> {
    const push = await open()
    const publication = await rig.live.publish(REQUEST, { onRevoked: (reason) => revoked.push(reason) })
    const stream = rig.live.registry.get(REQUEST.name)
    if (stream === undefined) {
      throw new Error('there is no stream')
    }
    push.begin(stream)
    await settle()
    return { push, publication }
  }

  it('stands before the publisher begins, at the first origin that takes it', async () => {
    one.onAttempt = () => {
      throw new Error('nothing listens there')
    }
    const { push, publication } = await begin()
    expect([one.connections.length, two.connections.length]).toEqual([0, 1])
    expect(two.connection.options.relayTrail).toEqual(['me'])
    publication.write('video', 0, flvTag.videoHeader(0).body)
    publication.write('video', 0, flvTag.key(0).body)
    await settle()
    expect(push.status).toMatchObject({
      kind: 'push',
      state: 'running',
      address: 'rtmp://two/live/demo?token=***',
    })
    expect(push.status.frames).toBeGreaterThan(0)
    await push.end()
    expect(two.connection.isClosed).toBe(true)
  })

  it('is refused with what every origin says, and leaves nothing', async () => {
    for (const destination of [one, two]) {
      destination.onAttempt = () => {
        throw refusal('it is busy')
      }
    }
    const refused = open()
    await expect(refused).rejects.toThrow(RejectedError)
    await expect(refused).rejects.toThrow(
      /no origin takes the stream: rtmp:\/\/one\/.*it is busy; rtmp:\/\/two\/.*it is busy/,
    )
  })

  it('goes on at another when one is lost, one at a time', async () => {
    const { push } = await begin()
    await settle(20_000)
    one.connection.lose(new Error('reset'))
    await settle(1000)
    expect([one.connection.isClosed, two.connections.length + one.connections.length]).toEqual([true, 2])
    expect(push.status).toMatchObject({ state: 'running', failures: 1, failovers: 1, lastError: 'reset' })
  })

  it('does not rush where an origin lets in and closes at once', async () => {
    one.onConnection = (connection) => setTimeout(() => connection.lose(new Error('denied')), 10)
    two.onConnection = one.onConnection
    await begin()
    await settle(600_000)
    expect(one.connections.length + two.connections.length).toBeLessThan(300)
    expect(revoked).toEqual([])
  })

  it('has the publisher notice when none takes the stream for MAX_PUSH_OUTAGE_MS', async () => {
    const { publication } = await begin()
    await settle(20_000)
    one.onAttempt = () => {
      throw new Error('nothing listens there')
    }
    two.onAttempt = one.onAttempt
    one.connection.lose()
    await settle(MAX_PUSH_OUTAGE_MS - 1000)
    expect(revoked).toEqual([])
    await settle(7000)
    expect(revoked).toMatchObject([
      { code: 'closed', message: expect.stringContaining('nothing listens there') },
    ])
    expect(publication.client.id).toBe('p1')
  })

  it('is not published again while another publisher of the stream is asked about', async () => {
    await begin()
    await settle(20_000)
    contested = true
    one.connection.lose(new Error('replaced'))
    await settle(5000)
    expect(one.connections.length + two.connections.length).toBe(1)
    contested = false
    await settle(6000)
    expect(one.connections.length + two.connections.length).toBe(2)
  })
})

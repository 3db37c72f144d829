import { describe, expect, it } from 'vitest'
import { RejectedError } from '../base/index.ts'
import type { Decision, StreamEvents } from './ports.ts'
import { parseStreamName } from './stream-name.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { LiveRig } from './testing/live-rig.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'

const demo = parseStreamName('live/demo')

describe('publishing', () => {
  it('begins when admission has said yes, and is told', async () => {
    const rig = new LiveRig()
    const publication = await rig.live.publish(streamRequest('p1'), new RecordingSource())
    expect(rig.registry.get(demo)?.publication).toBe(publication)
    expect(rig.events.told).toEqual(['publish p1'])
    publication.end(endReason('bye'))
    publication.end(endReason('again'))
    expect(rig.events.told).toEqual(['publish p1', 'unpublish p1: bye'])
    expect(rig.logged).toEqual(['info: publish started', 'info: publish stopped'])
  })

  it('does not make a stream before admission has answered', async () => {
    const decision = Promise.withResolvers<Decision>()
    const rig = new LiveRig({ admission: { mayPublish: () => decision.promise } })
    const publishing = rig.live.publish(streamRequest('p1'), new RecordingSource())
    expect(rig.registry.streams).toEqual([])
    decision.resolve({ allowed: true })
    await publishing
    expect(rig.registry.streams).toHaveLength(1)
  })

  it('is refused with the reason of admission, which was asked with the request', async () => {
    const request = streamRequest('p1')
    const rig = new LiveRig({
      admission: {
        mayPublish: async (asked) => ({ allowed: asked !== request, reason: 'no such key' }) as Decision,
      },
    })
    await expect(rig.live.publish(request, new RecordingSource())).rejects.toThrow(
      new RejectedError('publish refused: no such key'),
    )
    expect(rig.registry.streams).toEqual([])
    expect(rig.events.told).toEqual(['refused p1 to publish: admission admission: no such key'])
    await rig.live.publish(streamRequest('p2'), new RecordingSource())
  })

  it.each([
    ['rejects', async () => Promise.reject(new Error('hook is down'))],
    [
      'throws',
      () => {
        throw new Error('hook is down')
      },
    ],
    ['rejects with what is no error', async () => Promise.reject('hook is down')],
  ])('is refused if admission %s', async (_name, mayPublish: () => Promise<Decision>) => {
    const rig = new LiveRig({ admission: { mayPublish } })
    const failure = await rig.live
      .publish(streamRequest('p1'), new RecordingSource())
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RejectedError)
    expect(failure).toMatchObject({
      message: 'publish refused: admission failed: hook is down',
      cause: { message: 'hook is down' },
    })
    expect(rig.logged).toEqual(['warn: publish refused'])
    expect(rig.registry.streams).toEqual([])
  })

  it('tells the publisher, and the listeners, when it is revoked', async () => {
    const rig = new LiveRig()
    const source = new RecordingSource()
    await rig.live.publish(streamRequest('p1'), source)
    rig.registry.close()
    expect(source.revoked).toEqual([{ code: 'closed', message: 'the server is closing' }])
    expect(rig.events.told).toEqual(['publish p1', 'unpublish p1: the server is closing'])
    await expect(rig.live.publish(streamRequest('p2'), source)).rejects.toThrow('the server is closing')
  })

  it('goes on though a listener fails, and logs that', async () => {
    const fail = async (): Promise<void> => Promise.reject(new Error('listener'))
    await checkFailingListeners(new LiveRig({ events: failingEvents(fail) }))
  })

  it('goes on though a listener throws, and logs that', async () => {
    const fail = (): Promise<void> => {
      throw new Error('listener')
    }
    await checkFailingListeners(new LiveRig({ events: failingEvents(fail) }))
  })
})

function failingEvents(fail: () => Promise<void>): StreamEvents {
  return {
    onPublish: fail,
    onUnpublish: fail,
    onPlay: fail,
    onStop: fail,
    onRefused: fail,
    onAbandoned: fail,
    onClose: fail,
  }
}

async function checkFailingListeners(rig: LiveRig): Promise<void> {
  const publication = await rig.live.publish(streamRequest('p1'), new RecordingSource())
  const viewing = await rig.live.play(streamRequest('v1'))
  publication.write('video', 0, tagBody.keyframe())
  viewing.end(endReason())
  publication.end(endReason())
  await new Promise((resolve) => setImmediate(resolve))
  expect(rig.logged.filter((line) => line === 'error: a listener failed')).toHaveLength(6)
  expect(rig.registry.get(demo)).toMatchObject({ publication: null, idle: true })
}

describe('playing', () => {
  it('makes the stream if it is not there, and is told', async () => {
    const rig = new LiveRig()
    const viewing = await rig.live.play(streamRequest('v1'))
    expect(rig.registry.get(demo)).toBe(viewing.stream)
    expect([...viewing.stream.viewers].map(({ id }) => id)).toEqual(['v1'])
    expect(rig.events.told).toEqual(['play v1'])
    expect(rig.logged).toEqual(['info: play started'])
  })

  it('ends once, and frees the stream if nobody else holds it', async () => {
    const rig = new LiveRig()
    const viewing = await rig.live.play(streamRequest('v1'))
    viewing.end(endReason('bye'))
    viewing.end(endReason('again'))
    expect(rig.events.told).toEqual(['play v1', 'stop v1: bye'])
    expect(rig.registry.streams).toEqual([])
    expect(viewing.stream.ended).toBe(true)
  })

  it('is refused with the reason of admission', async () => {
    const rig = new LiveRig({
      admission: {
        mayPlay: async () => ({ allowed: false, reason: 'members only', link: 'door', code: 'door_closed' }),
      },
    })
    await expect(rig.live.play(streamRequest('v1'))).rejects.toThrow(
      new RejectedError('play refused: members only'),
    )
    expect(rig.registry.streams).toEqual([])
    expect(rig.events.told).toEqual(['refused v1 to play: door door_closed: members only'])
    await rig.live.publish(streamRequest('p1'), new RecordingSource())
  })

  it('is refused if admission fails', async () => {
    const rig = new LiveRig({ admission: { mayPlay: async () => Promise.reject(new Error('timeout')) } })
    await expect(rig.live.play(streamRequest('v1'))).rejects.toThrow(
      new RejectedError('play refused: admission failed: timeout'),
    )
    expect(rig.logged).toEqual(['warn: play refused'])
  })

  it('is refused past maxStreams', async () => {
    const rig = new LiveRig({ maxStreams: 1 })
    await rig.live.play(streamRequest('v1'))
    await expect(rig.live.play(streamRequest('v2', 'live/other'))).rejects.toThrow(RejectedError)
    await rig.live.play(streamRequest('v3'))
    expect(rig.events.told).toEqual([
      'play v1',
      'refused v2 to play: stream stream: there are 1 streams already (maxStreams)',
      'abandoned v2 to play',
      'play v3',
    ])
  })
})

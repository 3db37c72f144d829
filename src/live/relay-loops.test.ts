import { describe, expect, it } from 'vitest'
import { RejectedError } from '../base/index.ts'
import { encodeAmf0 } from '../media/index.ts'
import type { StreamRequest } from './client.ts'
import { parseStreamName } from './stream-name.ts'
import { LiveRig } from './testing/live-rig.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'

const demo = parseStreamName('live/demo')

function requestOf(id: string, relayTrail: readonly string[]): StreamRequest {
  return { ...streamRequest(id), relayTrail }
}

function metadata(srs_relay_trail: string): Uint8Array {
  return encodeAmf0('@setDataFrame', 'onMetaData', { width: 640, srs_relay_trail })
}

describe('a stream that comes from other servers', () => {
  it('is taken, and its way is known: from connect, from metadata, or from both', async () => {
    const rig = new LiveRig()
    const publication = await rig.live.publish(requestOf('p1', ['b', 'c']), new RecordingSource())
    expect(publication.relayTrail).toEqual(['b', 'c'])
    publication.writeScriptData(metadata('a,b'))
    expect(publication.relayTrail).toEqual(['a', 'b', 'c'])
    expect(rig.registry.get(demo)?.state.metadataProperties).not.toHaveProperty('srs_relay_trail')
  })

  it.each([['me'], ['me,a'], ['x,me,a']])('is refused if it has been here: %s', async (trail) => {
    const rig = new LiveRig()
    const refused = rig.live.publish(requestOf('p1', trail.split(',')), new RecordingSource())
    await expect(refused).rejects.toThrow(RejectedError)
    expect(rig.registry.streams).toEqual([])
    expect(rig.events.told).toEqual([
      expect.stringContaining('refused p1 to publish: relay relay_loop: a loop'),
    ])
  })

  it('is ended if its metadata says that it has been here: servers of others pass on only that', async () => {
    const rig = new LiveRig()
    const source = new RecordingSource()
    const publication = await rig.live.publish(streamRequest('p1'), source)
    publication.writeScriptData(metadata('a,me,b'))
    expect(source.revoked).toMatchObject([{ code: 'closed', message: expect.stringContaining('a loop') }])
    const stream = rig.registry.get(demo)
    expect(stream?.publication).toBeNull()
    expect(stream?.state.metadata).toBeNull()
    expect(rig.events.told.at(1)).toContain('refused p1 to publish: relay relay_loop')
  })

  it('is refused after MAX_RELAY_SERVERS', async () => {
    const rig = new LiveRig()
    const trail = Array.from({ length: 16 }, (_, index) => `s${index}`)
    await expect(rig.live.publish(requestOf('p1', trail), new RecordingSource())).rejects.toThrow(
      'MAX_RELAY_SERVERS',
    )
  })
})

describe('a server that plays for others', () => {
  it('is refused if this server is one of them, or the stream has come from one', async () => {
    const rig = new LiveRig()
    await rig.live.publish(requestOf('p1', ['a', 'b']), new RecordingSource())
    await expect(rig.live.play(requestOf('v1', ['me', 'x']))).rejects.toThrow('a loop')
    await expect(rig.live.play(requestOf('v2', ['x', 'a']))).rejects.toThrow('through the server that asks')
    await rig.live.play(requestOf('v3', ['x', 'y']))
    await rig.live.play(streamRequest('v4'))
    expect(rig.registry.get(demo)?.viewers.size).toBe(2)
  })
})

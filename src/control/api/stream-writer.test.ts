import { describe, expect, it } from 'vitest'
import { LiveRig, stillClock } from '../../../test/support/live.ts'
import { createServerIdentity, SlicedText } from '../../base/index.ts'
import { parseStreamName, type StreamRequest } from '../../live/index.ts'
import { StreamIds } from './stream-ids.ts'
import { describeStream } from './stream-info.ts'
import { StreamWriter } from './stream-writer.ts'
import { TrafficStatistics } from './traffic-statistics.ts'

const source = { onRevoked() {} }

function requestOf(id: string, stream: string, tcUrl: string): StreamRequest {
  return {
    name: parseStreamName(stream),
    client: { id, protocol: 'rtmp', address: '192.0.2.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl,
    pageUrl: '',
  }
}

/** An AVC sequence header of 640x360 and a keyframe, an AAC sequence header and a frame, as FLV tag bodies. */
const VIDEO_HEADER = Buffer.from(
  '17000000000164001effe1001b67640 01eacd940a02ff9701100000303e90000ea600f162d9601000668ebe3cb22c0'.replaceAll(
    ' ',
    '',
  ),
  'hex',
)
const KEYFRAME = Buffer.from('17010000000000000465888410', 'hex')
const AUDIO_HEADER = Buffer.from('af001210', 'hex')
const AUDIO = Buffer.from('af01211004', 'hex')

describe('A writer of streams', () => {
  it('writes what describeStream says, to the character, each time anew where it changes', async () => {
    const rig = new LiveRig(stillClock, { streams: { lingerMs: 1_000 } })
    const { live } = rig
    const { registry } = live
    const traffic = new TrafficStatistics(registry, stillClock)
    const description = { ids: new StreamIds(createServerIdentity()), traffic, clock: stillClock }
    const writer = new StreamWriter(description)
    const compare = (): string => {
      const written = registry.streams.map((stream) => {
        const json = new SlicedText()
        writer.write(json, stream)
        return String(json)
      })
      expect(written).toEqual(
        registry.streams.map((stream) => JSON.stringify(describeStream(stream, description))),
      )
      return written.join('\n')
    }
    const publication = await live.publish(
      requestOf('p1', 'live/直播"', 'rtmp://例え.jp/live?token=a'),
      source,
    )
    await live.publish(requestOf('p3', 'live/other', 'rtmp://example.com/live'), source)
    expect(compare()).toContain('"cid":"p1"},"video":null,"audio":null,"health":{"frame_rate":null,')
    publication.write('audio', 0, AUDIO_HEADER)
    publication.write('audio', 0, AUDIO)
    expect(compare()).toContain('"audio":{"codec":"AAC"')
    publication.write('video', 0, VIDEO_HEADER)
    publication.write('video', 0, KEYFRAME)
    publication.write('audio', 23, AUDIO)
    expect(compare()).toContain('"video":{"codec":"H264"')
    const viewing = await live.play(requestOf('v1', 'live/直播"', ''))
    expect(compare()).toContain('"clients":2,"frames":1,')
    publication.end({ code: 'unpublished', message: 'stopped' })
    expect(compare()).toContain('"publish":{"active":false},"video":')
    expect(compare()).toContain('"health":null}')
    await live.publish(requestOf('p4', 'live/直播"', 'rtmp://other.example.com/live'), source)
    expect(compare()).toContain('"tcUrl":"rtmp://other.example.com/live"')
    viewing.end({ code: 'disconnected', message: 'gone' })
    registry.close()
  })
})

import { describe, expect, it } from 'vitest'
import { streamKey } from '../../live/index.ts'
import { askedAt, type RtmpEndpoint, requireUnpublished, streamPublishedHere } from './published-here.ts'
import { IngestRig, vhostOf } from './testing/ingest-rig.ts'

function isOurs({ scheme, host, port }: RtmpEndpoint): boolean {
  return ['127.0.0.1', '::1'].includes(host) && port === (scheme === 'rtmp' ? 1935 : 443)
}

describe('an address', () => {
  const { live } = new IngestRig([vhostOf(), { ...vhostOf(), name: 'example.com' }])

  it.each([
    ['rtmp://127.0.0.1/live/cam', 'live/cam'],
    ['rtmp://127.0.0.1:1935/live/cam?token=1', 'live/cam'],
    ['RTMP://127.0.0.1:1935/a/b/cam', 'a/b/cam'],
    ['rtmp://[::1]:1935/live/cam', 'live/cam'],
    ['rtmps://127.0.0.1/live/cam', 'live/cam'],
    ['rtmp://127.0.0.1:1935/live?vhost=example.com/cam', '//example.com/live/cam'],
    ['rtmp://127.0.0.1:1935/live/cam?vhost=example.com', '//example.com/live/cam'],
    ['rtmp://127.0.0.1:1935/live?vhost=nowhere.com/cam', 'live/cam'],
    ['rtmp://127.0.0.1:19350/live/cam', null],
    ['rtmps://127.0.0.1:1935/live/cam', null],
    ['rtmp://192.0.2.1/live/cam', null],
    ['rtmp://127.0.0.1:1935/', null],
    ['http://127.0.0.1:1935/live/cam.flv', null],
    ['/recordings/cam.flv', null],
    ['rtmp:cam', null],
  ])('%s is the stream %s here', (address, key) => {
    const name = streamPublishedHere(address, live, isOurs)
    expect(name && streamKey(name)).toBe(key)
  })

  it.each([
    ['live', 'cam?u=a/b', 'live/cam'],
    ['live?vhost=example.com', 'a cam', '//example.com/live/a cam'],
    ['live', 'cam?u=a/b&vhost=example.com', '//example.com/live/cam'],
  ])('of which FFmpeg is told the parts, %s and %s, is the stream %s here', (app, stream, key) => {
    const options = [
      ['rtmp_app', app],
      ['rtmp_playpath', stream],
    ] as const
    const name = streamPublishedHere({ options, address: 'rtmp://127.0.0.1:1935' }, live, isOurs)
    expect(name && streamKey(name)).toBe(key)
  })
})

describe('askedAt', () => {
  it.each([
    ['rtmp://127.0.0.1:1935/live/cam', '', 'rtmp://127.0.0.1:1935/live', '127.0.0.1', ''],
    [
      'rtmp://127.0.0.1:1935/live?vhost=a.example/cam?token=1',
      '',
      'rtmp://127.0.0.1:1935/live?vhost=a.example',
      'a.example',
      '?token=1&vhost=a.example',
    ],
    [
      'rtmp://127.0.0.1:1935',
      'cam?token=a/b',
      'rtmp://127.0.0.1:1935/live?vhost=a.example',
      'a.example',
      '?token=a/b&vhost=a.example',
    ],
  ])('says what FFmpeg says that publishes at %s %s', (address, playPath, tcUrl, vhost, param) => {
    const options = [
      ['rtmp_app', 'live?vhost=a.example'],
      ['rtmp_playpath', playPath],
    ] as const
    const asked = askedAt({ options: playPath === '' ? [] : options, address })
    expect(asked).toMatchObject({ tcUrl, vhost, param })
  })
})

describe('requireUnpublished', () => {
  it('says who publishes a stream', async () => {
    const rig = new IngestRig([vhostOf()])
    const publication = await rig.publish()
    const { name } = publication.request
    expect(() => requireUnpublished(rig.live, name)).toThrow(
      'live/cam is published by c1 (192.0.2.1): it is waited for to end',
    )
    publication.end({ code: 'unpublished', message: 'done' })
    expect(() => requireUnpublished(rig.live, name)).not.toThrow()
    expect(() => requireUnpublished(rig.live, { ...name, stream: 'other' })).not.toThrow()
  })
})

import { expect, it } from 'vitest'
import { audioHeader, sound } from '../../../test/support/hls.ts'
import { LiveRig, stillClock } from '../../../test/support/live.ts'
import { silentLogger } from '../../base/index.ts'
import { parseStreamName, type StreamRequest } from '../../live/index.ts'
import { DEFAULT_HLS_OPTIONS, HlsOutput } from './index.ts'

const FRAME_MS = 20
const FRAME_BYTES = 400
const FRAMES = 150

/** What an audio frame begins with; no two are alike. */
function beginningOf(number: number): Buffer {
  return Buffer.from(`frame ${number} of ${FRAMES} in its own words `)
}

it('audio that waits until it is clear whether there is video stays as it was', async () => {
  const rig = new LiveRig()
  const name = parseStreamName('live/radio')
  const request: StreamRequest = {
    name,
    client: { id: 'publisher', protocol: 'rtmp', address: '127.0.0.1' },
    vhost: '',
    param: '',
    parameters: new URLSearchParams(),
    tcUrl: '',
    pageUrl: '',
  }
  const publication = await rig.live.publish(request, { onRevoked: () => {} })
  const stream = rig.live.registry.open(name)
  const output = new HlsOutput({
    stream,
    options: DEFAULT_HLS_OPTIONS,
    clock: stillClock,
    logger: silentLogger,
  })
  output.start()
  publication.write('audio', 0, audioHeader().body)
  for (let number = 0; number < FRAMES; number++) {
    const { body } = sound(0, FRAME_BYTES)
    body.set(beginningOf(number), 2)
    publication.write('audio', number * FRAME_MS, body)
  }
  publication.end({ code: 'unpublished', message: 'it is over' })
  const playlist = (await output.playlist(0)) ?? ''
  const segments = playlist.split('\n').filter((line) => line.endsWith('.ts'))
  const media = Buffer.concat(segments.map((line) => output.segment(line) ?? Buffer.alloc(0)))
  const lost = Array.from({ length: FRAMES }, (_, number) => number).filter(
    (number) => !media.includes(beginningOf(number)),
  )
  expect(lost).toEqual([])
  output.stop()
})

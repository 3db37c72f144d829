import { describe, expect, it } from 'vitest'
import { createServer, type Frame, type ServerOptions } from '../../src/index.ts'
import { flvTag } from '../support/flv.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, startServer } from '../support/server.ts'

const BEGIN_MS = 100_000
const JUMP_MS = 4_000_000

describe('the streams options', () => {
  it.each<[NonNullable<ServerOptions['streams']>, string]>([
    [{}, `video ${BEGIN_MS}, video ${BEGIN_MS + 40}, video ${BEGIN_MS + 80}, audio ${BEGIN_MS + 60}`],
    [{ timeJitter: 'zero' }, 'video 0, video 40, video 3900000, audio 3899980'],
    [{ timeJitter: 'off' }, 'video 100000, video 100040, video 4000000, audio 3999980'],
    [{ atc: true }, 'video 100000, video 100040, video 4000000, audio 3999980'],
    [{ atc: true, mixCorrect: true }, 'video 100000, video 100040, audio 3999980, video 4000000'],
  ])('%o decide what becomes of a publisher’s clock', async (streams, expected) => {
    const scope = new FileScope()
    try {
      const { server, rtmpUrl } = await startServer(scope, { streams })
      const publisher = await RtmpClient.connect(rtmpUrl)
      scope.onTestFinished(() => publisher.destroy())
      await publisher.publish('live/demo')
      const taking = takeMedia(server.frames('live/demo'), 4)
      publisher.sendVideo(BEGIN_MS, flvTag.key(0).body)
      publisher.sendVideo(BEGIN_MS + 40, flvTag.inter(0).body)
      publisher.sendVideo(JUMP_MS, flvTag.inter(0).body)
      publisher.sendAudio(JUMP_MS - 20, flvTag.audio(0).body)
      publisher.sendAudio(JUMP_MS + 3, flvTag.audio(0).body)
      expect(await taking).toBe(expected)
    } finally {
      await scope.clean()
    }
  })

  it('are refused with the reason if they have no usable value', async () => {
    const streams = { timeJitter: 'fast' } as unknown as NonNullable<ServerOptions['streams']>
    await expect(createServer({ rtmp: { port: 0 }, streams })).rejects.toThrow(
      'timeJitter is "fast": must be one of full, zero, off',
    )
  })
})

async function takeMedia(frames: AsyncIterable<Frame>, count: number): Promise<string> {
  const taken: string[] = []
  for await (const { kind, timestamp } of frames) {
    taken.push(`${kind} ${timestamp}`)
    if (taken.length === count) {
      break
    }
  }
  return taken.join(', ')
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { mediaOf, readLike, readPacketsOf } from '../support/clip.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

const fileScope = new FileScope()
/** Forwards to `middle`, which forwards to `last`. */
let first: TestServer
let middle: TestServer
let last: TestServer
beforeAll(async () => {
  last = await startServer(fileScope)
  middle = await startServer(fileScope, forwardingTo(last))
  first = await startServer(fileScope, forwardingTo(middle))
})
afterAll(() => fileScope.clean())

function forwardingTo(...servers: readonly TestServer[]): Parameters<typeof startServer>[1] {
  const destinations = servers.map(({ rtmpUrl }) => rtmpUrl.replace('rtmp://', ''))
  return { vhosts: { __defaultVhost__: { forward: { destinations } } } }
}

/** Waits until a server sends a stream to so many others. */
async function forwarded({ log }: TestServer, stream: string, times = 1): Promise<void> {
  const started = () => log.withMessage('forward started').filter(({ fields }) => fields.stream === stream)
  await waitFor(
    () => `${stream} is forwarded: ${JSON.stringify(log.lines.slice(-5))}`,
    () => started().length === times,
    20_000,
  )
}

describe('a stream', () => {
  it('comes over two hops as it was published, times and all', async () => {
    const clip = await readPacketsOf(4)
    const player = await RtmpPlayer.play(`${last.rtmpUrl}/live/demo`, { idleTimeoutMs: 0 })
    const reading = readLike(player, clip)
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/live/demo`)
    await forwarded(first, 'live/demo')
    await forwarded(middle, 'live/demo')
    for (const packet of clip) {
      await publisher.write(packet)
    }
    await publisher.close()
    const got = await reading
    expect(mediaOf(got)).toEqual(mediaOf(clip))
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { mediaOf, readLike, readPacketsOf } from '../support/clip.ts'
import { startNodeMediaServer } from '../support/node-media-server.ts'
import { FileScope } from '../support/server.ts'

const fileScope = new FileScope()
let rtmpUrl: string
beforeAll(async () => {
  rtmpUrl = (await startNodeMediaServer(fileScope)).rtmpUrl
})
afterAll(() => fileScope.clean())

describe('node-media-server', () => {
  it('takes what we publish and gives it back, packet by packet', async () => {
    const clip = await readPacketsOf(4)
    const publisher = await RtmpPublisher.publish(`${rtmpUrl}/live/demo`)
    const player = await RtmpPlayer.play(`${rtmpUrl}/live/demo`)
    const reading = readLike(player, clip)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    const got = await reading
    expect(mediaOf(got)).toEqual(mediaOf(clip))
    await Promise.all([publisher.close(), player.close()])
    expect(await publisher.closed).toBeNull()
  })
})

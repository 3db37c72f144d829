import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { mediaOf, readLike, readPacketsOf } from '../support/clip.ts'
import { startNginxRtmp } from '../support/nginx-rtmp.ts'
import { FileScope } from '../support/server.ts'

const fileScope = new FileScope()
let rtmpUrl: string
beforeAll(async () => {
  rtmpUrl = await startNginxRtmp(fileScope)
})
afterAll(() => fileScope.clean())

describe('nginx-rtmp', () => {
  it('takes what we publish and gives it back, packet by packet', async () => {
    const clip = await readPacketsOf(4)
    const publisher = await RtmpPublisher.publish(`${rtmpUrl}/live/demo`)
    const player = await RtmpPlayer.play(`${rtmpUrl}/live/demo`)
    const reading = readLike(player, clip)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    await publisher.close()
    const got = await reading
    expect(mediaOf(got)).toEqual(mediaOf(clip))
    expect(got.some(({ kind }) => kind === 'data')).toBe(true)
    expect([await publisher.closed, await player.closed]).toEqual([null, null])
  })

  it('tells a second publisher that the name is taken', async () => {
    const first = await RtmpPublisher.publish(`${rtmpUrl}/live/taken`)
    await expect(RtmpPublisher.publish(`${rtmpUrl}/live/taken`)).rejects.toMatchObject({
      refusal: { command: 'publish', status: 'NetStream.Publish.BadName' },
    })
    await first.close()
    const next = await RtmpPublisher.publish(`${rtmpUrl}/live/taken`)
    await next.close()
  })

  it('refuses an application it does not have without a word, and that is said', async () => {
    await expect(RtmpPublisher.publish(`${rtmpUrl}/nowhere/demo`)).rejects.toMatchObject({
      code: 'ERR_CONNECTION',
      message: expect.stringMatching(/during connect, without a reason/),
    })
  })

  it('closes a publisher that it lets in and then refuses, who is told', async () => {
    const publisher = await RtmpPublisher.publish(`${rtmpUrl}/closed/demo`)
    await publisher.closed
    await expect(publisher.ready()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

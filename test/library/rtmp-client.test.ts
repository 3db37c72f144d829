import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createServer, RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { makeCertificate } from '../support/certificate.ts'
import { mediaOf, readLike, readPacketsOf } from '../support/clip.ts'
import { liveTcpHandles } from '../support/rtmp-sessions.ts'
import { startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

describe('RtmpPublisher and RtmpPlayer', () => {
  it('carry a stream into a server and out of it, packet by packet, and leave nothing behind', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const before = liveTcpHandles()
    const clip = await readPacketsOf(6)
    const player = await RtmpPlayer.play(`${rtmpUrl}/live/demo`)
    const publisher = await RtmpPublisher.publish(`${rtmpUrl}/live/demo?token=1`)
    expect(server.stream('live/demo')?.publication?.request.parameters.get('token')).toBe('1')
    const reading = readLike(player, clip)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    await publisher.close()
    const got = await reading
    expect(mediaOf(got)).toEqual(mediaOf(clip))
    expect(got.filter(({ kind }) => kind === 'data')).toHaveLength(1)
    expect([await publisher.closed, await player.closed]).toEqual([null, null])
    await waitFor('the server’s ends', () => server.rtmpConnections === 0)
    // What tests before had in this process may go meanwhile.
    await waitFor(
      () => `[${liveTcpHandles()}] become [${before}]`,
      () => liveTcpHandles().length <= before.length,
    )
  })

  it('drain a stream of one server into another', async (scope) => {
    const [near, far] = [await startServer(scope), await startServer(scope)]
    const clip = await readPacketsOf(4)
    const encoder = await RtmpPublisher.publish(`${near.rtmpUrl}/live/demo`)
    const relay = await RtmpPublisher.publish(`${far.rtmpUrl}/live/copy`)
    const player = await RtmpPlayer.play(`${far.rtmpUrl}/live/copy`)
    const relaying = (async () => {
      let left = clip.filter(({ kind }) => kind !== 'data').length
      for await (const frame of near.server.frames('live/demo')) {
        await relay.write(frame)
        left -= frame.kind === 'data' ? 0 : 1
        if (left === 0) {
          break
        }
      }
      await relay.close()
    })()
    const reading = readLike(player, clip)
    for (const packet of clip) {
      await encoder.write(packet)
    }
    expect(mediaOf(await reading)).toEqual(mediaOf(clip))
    await relaying
    await encoder.close()
  })

  it('speak TLS with a server they believe, and with no other', async (scope) => {
    const files = await makeCertificate(scope)
    const server = await createServer({ rtmps: { port: 0, ...files } })
    scope.onTestFinished(() => server.close())
    const url = `${server.rtmpsUrl}/live/demo`
    const tls = { ca: await readFile(files.certificate) }
    const publisher = await RtmpPublisher.publish(url, { tls })
    const player = await RtmpPlayer.play(url, { tls: { rejectUnauthorized: false } })
    const clip = await readPacketsOf(2)
    const reading = readLike(player, clip)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    await publisher.close()
    expect(mediaOf(await reading)).toEqual(mediaOf(clip))
    await expect(RtmpPlayer.play(url)).rejects.toMatchObject({
      code: 'ERR_CONNECTION',
      message: expect.stringMatching(/: TLS: .*self-signed certificate/),
    })
    await expect(RtmpPlayer.play(url.replace('rtmps', 'rtmp'))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(CONNECTION|PROTOCOL)$/),
    })
  })

  it('say so if a server does not speak TLS', async (scope) => {
    const { rtmpUrl } = await startServer(scope)
    await expect(
      RtmpPublisher.publish(`${rtmpUrl.replace('rtmp', 'rtmps')}/live/demo`),
    ).rejects.toMatchObject({
      code: 'ERR_CONNECTION',
    })
  })

  it('tell a publisher that its server is gone, and end a player', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const publisher = await RtmpPublisher.publish(`${rtmpUrl}/live/demo`)
    const player = await RtmpPlayer.play(`${rtmpUrl}/live/demo`)
    await server.close()
    expect((await player.next()).done).toBe(true)
    await publisher.closed
    await expect(
      publisher.write({ kind: 'audio', timestamp: 0, body: Uint8Array.of(0xaf, 1, 0) }),
    ).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

import { request } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Answer, createServer, type Frame, RtmpPublisher } from '../../src/index.ts'
import { Server } from '../../src/server/index.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startServer } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { ask, mediaPlaylistUrl, publishClip, watchFlv } from '../support/web.ts'

/** Sockets of this process, listening or connected. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
}

async function readAll(frames: AsyncIterable<Frame>): Promise<number> {
  let count = 0
  for await (const _frame of frames) {
    count++
  }
  return count
}

describe('close()', () => {
  it('ends every client and leaves no socket, stream or timer', async (scope) => {
    const before = sockets()
    const { server, rtmpUrl, httpUrl, wsUrl } = await startServer(scope, { hls: { fragmentMs: 500 } })
    await publishClip(server)
    const publisher = await RtmpClient.connect(rtmpUrl)
    await publisher.publish('live/other')
    const player = await RtmpClient.connect(rtmpUrl)
    await player.play('live/demo')
    const idle = await RtmpClient.connect(rtmpUrl)
    const flv = await watchFlv(scope, `${httpUrl}/live/demo.flv`)
    const webSocket = new WebSocket(`${wsUrl}/live/demo.flv`)
    const webSocketClosed = new Promise((resolve) => webSocket.addEventListener('close', resolve))
    await ask(await mediaPlaylistUrl(`${httpUrl}/live/demo.m3u8`))
    const reading = readAll(server.frames('live/demo'))

    await server.close()
    await Promise.all([publisher.closed, player.closed, idle.closed, flv.ended, webSocketClosed, reading])
    expect(server.streams).toEqual([])
    expect(server.rtmpConnections).toBe(0)
    await waitFor(
      () => `${sockets()} sockets become ${before}`,
      () => sockets() <= before,
    )
  })

  it('may be called as often as one likes', async () => {
    const server = await createServer({ rtmp: { port: 0 }, http: { port: 0, page: false } })
    await Promise.all([server.close(), server.close()])
    await server.close()
  })

  it('frees the ports: the next server can have them at once', async () => {
    const first = await createServer({ rtmp: { port: 0 }, http: { port: 0, page: false } })
    const { rtmpAddress, httpAddress } = first
    await publishClip(first)
    const player = await RtmpClient.connect(first.rtmpUrl)
    await player.play('live/demo')
    await first.close()
    const second = await createServer({
      rtmp: { port: rtmpAddress?.port ?? 0 },
      http: { port: httpAddress?.port ?? 0, page: false },
    })
    expect(second.rtmpAddress).toEqual(rtmpAddress)
    await second.close()
    await player.closed
  })

  it('does not wait for connections that say nothing', async () => {
    const server = await createServer({ rtmp: { port: 0 }, http: { port: 0, page: false } })
    const ports = [server.rtmpAddress, server.httpAddress].map((address) => address?.port ?? 0)
    const silent = ports.map((port) => connect({ host: '127.0.0.1', port }))
    const closed = silent.map((socket) => new Promise((resolve) => socket.on('close', resolve)))
    for (const socket of silent) {
      socket.on('error', () => {})
    }
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    await server.close()
    await Promise.all(closed)
  })

  it('does not wait for HTTP connections that are kept alive', async () => {
    const server = await createServer({ http: { port: 0, page: false } })
    // Fetch keeps its connection for the next request.
    expect((await ask(`${server.httpUrl}/api/v1/streams/`)).status).toBe(200)
    await server.close()
    await expect(ask(`${server.httpUrl}/api/v1/streams/`)).rejects.toThrow()
  })

  it('does not wait for an answer of the program that never comes', async () => {
    let asked = 0
    const never = (): Promise<Answer> => {
      asked++
      return new Promise(() => {})
    }
    const server = await createServer({
      rtmp: { port: 0 },
      http: { port: 0, page: false },
      onPublish: ({ client }) => (client.protocol === 'file' ? true : never()),
      onPlay: never,
    })
    await publishClip(server)
    const publisher = await RtmpClient.connect(server.rtmpUrl)
    publisher.publish('live/other').catch(() => {})
    const player = request(`${server.httpUrl}/live/demo.flv`)
    const playerClosed = new Promise((resolve) => player.on('close', resolve))
    player.on('error', () => {})
    player.end()
    await waitFor('the program is asked twice', () => asked === 2)
    await server.close()
    await Promise.all([publisher.closed, playerClosed])
  })

  it('lets nothing begin that the program allows afterwards', async () => {
    const answer = Promise.withResolvers<Answer>()
    let asked = 0
    const server = await createServer({
      rtmp: { port: 0 },
      onPublish: () => {
        asked++
        return answer.promise
      },
    })
    const told: string[] = []
    server.on('publish', () => told.push('publish'))
    const outcome = expect(RtmpPublisher.publish(`${server.rtmpUrl}/live/demo`)).rejects.toThrow()
    await waitFor('the program is asked', () => asked === 1)
    await server.close()
    answer.resolve(true)
    await outcome
    await expect(publishClip(server)).rejects.toMatchObject({ code: 'ERR_REJECTED' })
    expect(server.streams).toEqual([])
    expect(told).toEqual([])
  })

  it('ends a start that is under way, at whatever point of it', async (scope) => {
    const before = sockets()
    const folder = new TemporaryFolder()
    scope.onTestFinished(() => folder.remove())
    let begun = 0
    let ended = 0
    // In each round the start gets one step further before the end is asked for, until it is over before that.
    for (let turns = 0; begun === 0 || turns < begun + 3; turns++) {
      const server = new Server({
        rtmp: { port: 0 },
        http: { port: 0, page: false },
        hookDelivery: { folder: folder.path },
      })
      let isStarted = false
      const started = server.listen().then(
        () => {
          isStarted = true
        },
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'ERR_CLOSED' })
          ended++
        },
      )
      for (let turn = 0; turn < turns; turn++) {
        await nextTurn()
      }
      begun = isStarted && begun === 0 ? turns : begun
      await server.close()
      await started
      expect(server.unfinished).toEqual([])
      await waitFor('no socket is left', () => sockets() <= before)
    }
    expect(ended).toBeGreaterThan(0)
  })

  it('ends a file that is about to be published, at whatever point of its start', async () => {
    for (let turns = 0, isPublished = false; !isPublished; turns++) {
      const server = await createServer({ http: { port: 0, page: false } })
      const published = publishClip(server).then(
        () => {
          isPublished = true
        },
        () => {},
      )
      for (let turn = 0; turn < turns; turn++) {
        await nextTurn()
      }
      await server.close()
      await published
      await nextTurn()
      expect(process.getActiveResourcesInfo().filter((kind) => kind === 'FSReqPromise')).toEqual([])
      expect(server.streams).toEqual([])
      expect(server.clients.list).toEqual([])
    }
  })

  it('refuses new frames() and publishFile() afterwards', async () => {
    const server = await createServer({ http: { port: 0, page: false } })
    await server.close()
    await expect(server.frames('live/demo').next()).rejects.toMatchObject({
      code: 'ERR_REJECTED',
      message: 'the server is closing',
    })
    await expect(publishClip(server)).rejects.toMatchObject({ code: 'ERR_REJECTED' })
  })
})

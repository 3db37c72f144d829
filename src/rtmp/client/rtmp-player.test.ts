import { describe, expect, it, onTestFinished } from 'vitest'
import { RtmpSessions } from '../../../test/support/rtmp-sessions.ts'
import {
  answerAll,
  type Script,
  type ScriptedPeer,
  ScriptedRtmpServer,
} from '../../../test/support/scripted-rtmp-server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { ProtocolError, RejectedError, TimeoutError } from '../../base/index.ts'
import { type Amf0Value, encodeAmf0 } from '../../media/index.ts'
import { type MediaPacket, type Message, MessageType, RtmpPlayer, type RtmpPlayerOptions } from '../index.ts'

const scope = { onTestFinished }

async function play(
  script: Script = {},
  options: RtmpPlayerOptions = {},
): Promise<{ server: ScriptedRtmpServer; player: RtmpPlayer }> {
  const server = await ScriptedRtmpServer.listen(scope, script)
  const player = await RtmpPlayer.play(server.url, options)
  onTestFinished(() => player.close())
  return { server, player }
}

/** A server that plays something and then, perhaps, ends. */
function playing(onPlay: (peer: ScriptedPeer) => void): Script {
  return {
    onCommand: (command, peer) => {
      answerAll(command, peer)
      if (command.name === 'play') {
        onPlay(peer)
      }
    },
  }
}

function message(type: number, timestamp: number, payload: Uint8Array): Message {
  return { type, streamId: 1, timestamp, chunkStreamId: 6, payload }
}

function video(timestamp: number, length = 6): Message {
  return message(MessageType.video, timestamp, new Uint8Array(length).fill(0x27))
}

function data(type: number, ...values: readonly Amf0Value[]): Message {
  const amf0 = encodeAmf0(...values)
  return message(type, 0, type === MessageType.dataAmf3 ? Buffer.concat([Uint8Array.of(0), amf0]) : amf0)
}

async function collect(player: RtmpPlayer): Promise<MediaPacket[]> {
  const packets: MediaPacket[] = []
  for await (const packet of player) {
    packets.push({ ...packet, body: Uint8Array.from(packet.body) })
  }
  return packets
}

const STOP = 'NetStream.Play.Stop'

describe('RtmpPlayer', () => {
  it('plays as players do, and hands over what comes until the server stops', async () => {
    const { server, player } = await play(
      playing((peer) => {
        peer.send(data(MessageType.dataAmf0, '|RtmpSampleAccess', true, true))
        peer.send(data(MessageType.dataAmf0, 'onStatus', { code: 'NetStream.Data.Start' }))
        peer.send(data(MessageType.dataAmf0, 'onMetaData', { width: 640 }))
        peer.send(data(MessageType.dataAmf3, 'onTextData', { text: 'hello' }))
        peer.send(message(MessageType.audio, 7, Uint8Array.of(0xaf, 0, 0x12, 0x10)))
        peer.send(video(2 ** 32 - 1))
        peer.status(STOP)
      }),
    )
    expect(await collect(player)).toEqual([
      { kind: 'data', timestamp: 0, body: encodeAmf0('onMetaData', { width: 640 }) },
      { kind: 'data', timestamp: 0, body: encodeAmf0('onTextData', { text: 'hello' }) },
      { kind: 'audio', timestamp: 7, body: Uint8Array.of(0xaf, 0, 0x12, 0x10) },
      { kind: 'video', timestamp: 2 ** 32 - 1, body: new Uint8Array(6).fill(0x27) },
    ])
    expect(await player.closed).toBeNull()
    await waitFor('the end', () => server.openSockets === 0)
    expect(server.peer.commandNames).toEqual(['connect', 'createStream', 'play'])
    expect(server.peer.commands[2]).toMatchObject({ args: ['demo', -2000], streamId: 1 })
    const buffer = server.peer.messages.find(({ type }) => type === MessageType.userControl)
    expect([...(buffer?.payload ?? [])]).toEqual([0, 3, 0, 0, 0, 1, 0, 0, 3, 232])
  })

  it('hands over the same when every byte comes by itself', async () => {
    const script = playing((peer) => {
      peer.send(video(40, 300))
      peer.status(STOP)
    })
    const { player } = await play({ ...script, byteByByte: true })
    expect(await collect(player)).toEqual([
      { kind: 'video', timestamp: 40, body: new Uint8Array(300).fill(0x27) },
    ])
  })

  it.each<[string, (peer: ScriptedPeer) => void]>([
    ['NetStream.Play.UnpublishNotify', (peer) => peer.status('NetStream.Play.UnpublishNotify')],
    [
      'onPlayStatus with NetStream.Play.Complete',
      (peer) => peer.send(data(MessageType.dataAmf0, 'onPlayStatus', { code: 'NetStream.Play.Complete' })),
    ],
    ['the end of the connection', (peer) => peer.socket.end()],
  ])('ends with %s', async (_, end) => {
    const { player } = await play(
      playing((peer) => {
        peer.send(video(0))
        end(peer)
      }),
    )
    expect(await collect(player)).toHaveLength(1)
    expect(await player.closed).toBeNull()
  })

  it('takes aggregates apart, and leaves out and counts what it cannot read', async () => {
    const part = (type: number, timeMs: number, body: number): number[] => [
      ...[type, 0, 0, 1, 0, 0, timeMs, 0, 0, 0, 0],
      ...[body, 0, 0, 0, 12],
    ]
    const { player } = await play(
      playing((peer) => {
        peer.send(
          message(MessageType.aggregate, 1000, Uint8Array.from([...part(9, 5, 1), ...part(8, 25, 2)])),
        )
        peer.send(message(MessageType.aggregate, 2000, Uint8Array.of(9, 0, 0, 50)))
        peer.send(message(MessageType.dataAmf3, 0, Uint8Array.of(0, 0xff)))
        peer.status(STOP)
      }),
    )
    expect(await collect(player)).toEqual([
      { kind: 'video', timestamp: 1000, body: Uint8Array.of(1) },
      { kind: 'audio', timestamp: 1020, body: Uint8Array.of(2) },
    ])
    expect(player.unreadableMessages).toBe(2)
  })

  it('begins with the first media of a server that does not say that it begins', async () => {
    const { player } = await play({
      onCommand: (command, peer) =>
        command.name === 'play' ? peer.send(video(5)) : answerAll(command, peer),
    })
    expect(await player.next()).toMatchObject({ value: { timestamp: 5 } })
  })

  it('is refused with the words of the server, and leaves nothing behind', async () => {
    const server = await ScriptedRtmpServer.listen(scope, {
      onCommand: (command, peer) =>
        command.name === 'play'
          ? peer.status('NetStream.Play.StreamNotFound', 'error')
          : answerAll(command, peer),
    })
    await expect(RtmpPlayer.play(server.url)).rejects.toMatchObject({
      refusal: { command: 'play', status: 'NetStream.Play.StreamNotFound' },
    })
    await waitFor('the end', () => server.openSockets === 0)
  })

  it('is sent elsewhere as SRS does it: by a status on the connection', async () => {
    const ex = { code: 302, redirect: 'rtmp://other/live', redirect2: 'rtmp://other/live/demo' }
    const server = await ScriptedRtmpServer.listen(scope, {
      onCommand: (command, peer) =>
        command.name === 'createStream'
          ? peer.status('NetConnection.Connect.Rejected', 'error', { ex }, 0)
          : answerAll(command, peer),
    })
    await expect(RtmpPlayer.play(server.url, { maxRedirects: 0 })).rejects.toMatchObject({
      refusal: {
        command: 'createStream',
        redirect: { tcUrl: 'rtmp://other/live', url: 'rtmp://other/live/demo' },
      },
    })
  })

  it('is told the reason of our own server', async () => {
    const sessions = await RtmpSessions.listen({ play: () => Promise.reject(new RejectedError('not you')) })
    onTestFinished(() => sessions.close())
    await expect(RtmpPlayer.play(`${sessions.url}/live/demo`)).rejects.toThrow(
      /the server refused play: NetStream\.Play\.Failed: .*not you/,
    )
    await sessions.untilClosed()
  })

  it('hands over what came, and then throws why it ended', async () => {
    const { player } = await play(
      playing((peer) => {
        peer.send(video(0))
        peer.write(new Uint8Array(64).fill(0xff))
      }),
    )
    expect(await player.next()).toMatchObject({ done: false })
    await expect(player.next()).rejects.toBeInstanceOf(ProtocolError)
    expect(await player.next()).toEqual({ done: true, value: undefined })
    expect(await player.closed).toBeInstanceOf(ProtocolError)
  })

  it('gives up a server that falls silent', async () => {
    const { player } = await play(
      playing((peer) => peer.send(video(0))),
      { idleTimeoutMs: 60 },
    )
    await expect(collect(player)).rejects.toEqual(
      new TimeoutError('idleTimeoutMs is over: the server sent nothing for 60 ms'),
    )
  })

  it('reads no more than it may queue for a program that is slow, and all of it in the end', async () => {
    const { server, player } = await play({}, { maxQueuedBytes: 100_000 })
    const { peer } = server
    const count = 500
    for (let sent = 0; sent < count; sent++) {
      peer.send(video(sent, 50_000))
    }
    await waitFor('the server has to wait', () => peer.socket.writableNeedDrain && player.bytesReceived > 0)
    let seen = -1
    await waitFor('nothing more is read', () => {
      const same = player.bytesReceived === seen
      seen = player.bytesReceived
      return same
    })
    expect(player.bytesReceived).toBeLessThan(3_000_000)
    peer.status(STOP)
    const packets = await collect(player)
    expect(packets.map(({ timestamp }) => timestamp)).toEqual([...Array(count).keys()])
  })

  it('does not take a program that is slow for a server that is silent', async () => {
    const idleTimeoutMs = 1000
    const { server, player } = await play(
      playing((peer) => peer.send(video(0, 2000))),
      { maxQueuedBytes: 1000, idleTimeoutMs },
    )
    await new Promise((resolve) => setTimeout(resolve, idleTimeoutMs * 1.5))
    server.peer.status(STOP)
    expect(await collect(player)).toHaveLength(1)
  })

  it('closes when the loop is left, and lets go of what waits', async () => {
    const { server, player } = await play(
      playing((peer) => {
        peer.send(video(0))
        peer.send(video(40))
      }),
    )
    for await (const { timestamp } of player) {
      expect(timestamp).toBe(0)
      break
    }
    await waitFor('the end', () => server.openSockets === 0)
    expect(await player.next()).toEqual({ done: true, value: undefined })
    await player.close()
  })

  it('ends a loop that waits when it is closed, also while it reads nothing', async () => {
    const { player } = await play()
    const loop = collect(player)
    await player.close()
    expect(await loop).toEqual([])

    const full = await play(
      playing((peer) => peer.send(video(0, 2000))),
      { maxQueuedBytes: 1000 },
    )
    await waitFor('media', () => full.player.bytesReceived > 5000)
    await full.player.close()
    expect(await collect(full.player)).toEqual([])
  })
})

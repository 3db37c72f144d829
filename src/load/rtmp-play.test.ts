import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../base/index.ts'
import { encodeAmf0 } from '../media/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  decodeCommand,
  decodeControlValue,
  encodeCommand,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  type Message,
  MessageType,
  ServerHandshake,
  UserControlEvent,
} from '../rtmp/index.ts'
import type { MediaKind, PlayerListener } from './player-protocol.ts'
import { RtmpPlay } from './rtmp-play.ts'
import { parseLoadTarget } from './target.ts'

class RecordingListener implements PlayerListener {
  readonly seen: string[] = []

  onAsked(): void {
    this.seen.push('asked')
  }

  onAccepted(): void {
    this.seen.push('accepted')
  }

  onEnd(reason: string): void {
    this.seen.push(`end: ${reason}`)
  }

  onMedia(kind: MediaKind, timestampMs: number, body: Uint8Array): void {
    this.seen.push(`${kind} ${timestampMs} ${body.length}`)
  }
}

/** The server's end, in memory. */
class FakeServer {
  readonly listener: RecordingListener = new RecordingListener()
  readonly play: RtmpPlay
  /** What came from the player, behind the handshake. */
  readonly messages: Message[] = []
  writes = 0
  bytesSent = 0
  readonly #handshake = new ServerHandshake()
  readonly #reader = new ChunkReader((message) => this.messages.push(message))
  readonly #writer = new ChunkWriter()

  constructor() {
    const target = parseLoadTarget('rtmp://127.0.0.1/live/demo?token=1')
    this.play = new RtmpPlay(target, 'demo7', this.listener, (bytes) => this.#take(bytes))
  }

  send(...messages: Message[]): void {
    this.push(Buffer.concat(messages.map((message) => this.#writer.encode(message))))
  }

  push(bytes: Uint8Array): void {
    this.bytesSent += bytes.length
    this.play.push(bytes)
  }

  sent(type: number): Message[] {
    return this.messages.filter((message) => message.type === type)
  }

  #take(bytes: Uint8Array): void {
    this.writes++
    const { send, rest } = this.#handshake.push(bytes)
    this.#reader.push(rest)
    if (send !== null) {
      this.push(send)
    }
  }
}

function started(): FakeServer {
  const server = new FakeServer()
  server.play.begin()
  return server
}

function status(code: string, level: string, description = ''): Message {
  return encodeCommand('onStatus', 0, [null, { code, level, description }], 1)
}

function video(bytes: number): Message {
  return {
    type: MessageType.video,
    streamId: 1,
    timestamp: 40,
    chunkStreamId: 6,
    payload: new Uint8Array(bytes).fill(0x27),
  }
}

describe('an RTMP player', () => {
  it('asks for its stream in two writes', () => {
    const server = started()
    expect(server.writes).toBe(2)
    const commands = server.sent(MessageType.commandAmf0).map(decodeCommand)
    expect(commands.map(({ name, streamId }) => [name, streamId])).toEqual([
      ['connect', 0],
      ['createStream', 0],
      ['play', 1],
    ])
    expect(commands[0]?.object).toMatchObject({ app: 'live', tcUrl: 'rtmp://127.0.0.1:1935/live' })
    expect(commands[2]?.args[0]).toBe('demo7?token=1')
    expect(server.listener.seen).toEqual(['asked'])
  })

  it('tells of the start and of media', () => {
    const server = started()
    const data = { ...video(1), type: MessageType.dataAmf0, payload: encodeAmf0('onMetaData') }
    server.send(status('NetStream.Play.Reset', 'status'), status('NetStream.Play.Start', 'status'))
    server.send(data, video(500), { ...video(3), type: MessageType.audio })
    expect(server.listener.seen).toEqual(['asked', 'accepted', 'data 40 13', 'video 40 500', 'audio 40 3'])
  })

  it.each([
    [
      status('NetStream.Play.StreamNotFound', 'error', 'no such stream'),
      'NetStream.Play.StreamNotFound: no such stream',
    ],
    [
      encodeCommand('_error', 1, [null, { code: 'NetConnection.Connect.Rejected', description: '' }]),
      'NetConnection.Connect.Rejected',
    ],
    [encodeCommand('_error', 2, [null]), '_error'],
  ])('tells why it was refused', (refusal, reason) => {
    const server = started()
    server.send(refusal)
    expect(server.listener.seen).toEqual(['asked', `end: ${reason}`])
  })

  it('answers pings', () => {
    const server = started()
    server.send(encodeUserControl(UserControlEvent.pingRequest, 77))
    const [pong] = server.sent(MessageType.userControl)
    expect(Buffer.from(pong?.payload ?? []).toString('hex')).toBe('00070000004d')
  })

  it('acknowledges each half of the window that the server names, parsing or counting', () => {
    const server = started()
    server.send(encodeWindowAcknowledgementSize(100_000))
    const named = server.bytesSent
    server.send(video(40_000))
    expect(server.sent(MessageType.acknowledgement)).toEqual([])
    server.send(video(10_000))
    server.play.stopParsing()
    server.play.count(49_999)
    server.play.count(1)
    const acknowledged = server
      .sent(MessageType.acknowledgement)
      .map(({ payload }) => decodeControlValue(payload))
    expect(acknowledged[0]).toBe(server.bytesSent)
    expect(acknowledged[0]).toBeGreaterThanOrEqual(named + 50_000)
    expect(acknowledged.slice(1)).toEqual([server.bytesSent + 50_000])
    expect(server.listener.seen).toEqual(['asked', 'video 40 40000', 'video 40 10000'])
  })

  it('acknowledges, due or not, to be kept alive', () => {
    const server = started()
    server.play.stopParsing()
    server.play.keepAlive()
    expect(server.sent(MessageType.acknowledgement)).toHaveLength(1)
  })

  it('says nothing before the handshake, and fails on what is no RTMP', () => {
    const server = new FakeServer()
    server.play.keepAlive()
    expect(server.writes).toBe(0)
    expect(() => server.play.push(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toThrow(ProtocolError)
  })
})

import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { byteByByte, cutAt, type ReadMessage, toHex, whole } from '../../test/support/chunks.ts'
import { liveTcpHandles, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import {
  ChunkReader,
  ClientHandshake,
  decodeCommand,
  type Message,
  MessageType,
  ServerHandshake,
} from './index.ts'

const fixtures = new URL('../../test/fixtures/rtmp/', import.meta.url)
const HANDSHAKE_BYTES = 1 + 2 * 1536

type Capture = Readonly<{
  file: string
  /** Every command: name, transaction id, message stream, arguments. */
  commands: readonly (readonly [string, number, number, ...unknown[]])[]
  /** Video, audio and data messages that are complete. */
  media: readonly [video: number, audio: number, data: number]
}>

const players: readonly Capture[] = [
  {
    file: 'ffmpeg-5.1-play',
    commands: [
      ['connect', 1, 0],
      ['createStream', 2, 0],
      ['_checkbw', 3, 0],
      ['getStreamLength', 4, 0, 'src'],
      ['play', 5, 1, 'src', -2000],
    ],
    media: [0, 0, 0],
  },
  {
    file: 'gst-1.22-rtmp2src-play',
    commands: [
      ['connect', 1, 0],
      ['createStream', 2, 0],
      ['play', 0, 1, 'src', -2],
    ],
    media: [0, 0, 0],
  },
  {
    file: 'gst-1.22-rtmpsrc-play',
    commands: [
      ['connect', 1, 0],
      ['createStream', 2, 0],
      ['_checkbw', 3, 0],
      ['play', 4, 1, 'src', 0],
    ],
    media: [0, 0, 0],
  },
  {
    file: 'rtmpdump-2.4-play',
    commands: [
      ['connect', 1, 0],
      ['createStream', 2, 0],
      ['_checkbw', 3, 0],
      ['play', 4, 1, 'src', 0],
      ['deleteStream', 5, 0, 1],
    ],
    media: [0, 0, 0],
  },
]

const publishers: readonly Capture[] = [
  {
    file: 'full/ffmpeg-5.1-publish',
    commands: [
      ['connect', 1, 0],
      ['releaseStream', 2, 0, 'a'],
      ['FCPublish', 3, 0, 'a'],
      ['createStream', 4, 0],
      ['_checkbw', 5, 0],
      ['publish', 6, 1, 'a', 'live'],
    ],
    media: [5, 6, 1],
  },
  {
    file: 'full/gst-1.22-rtmp2sink-publish',
    commands: [
      ['connect', 1, 0],
      ['releaseStream', 0, 0, 'g2'],
      ['FCPublish', 0, 0, 'g2'],
      ['createStream', 2, 0],
      ['publish', 0, 1, 'g2', 'live'],
    ],
    media: [4, 0, 1],
  },
  {
    file: 'full/gst-1.22-rtmpsink-publish',
    commands: [
      ['connect', 1, 0],
      ['releaseStream', 2, 0, 'g1'],
      ['FCPublish', 3, 0, 'g1'],
      ['createStream', 4, 0],
      ['_checkbw', 5, 0],
      ['publish', 6, 1, 'g1', 'live'],
    ],
    media: [4, 0, 1],
  },
  {
    file: 'full/obs-29-publish',
    commands: [
      ['connect', 1, 0],
      ['releaseStream', 2, 0, 'obs3'],
      ['FCPublish', 3, 0, 'obs3'],
      ['createStream', 4, 0],
      ['_checkbw', 5, 0],
      ['publish', 6, 1, 'obs3', 'live'],
    ],
    media: [9, 11, 1],
  },
]

function readCapture(file: string): Uint8Array {
  return readFileSync(new URL(`${file}.c2s.bin`, fixtures))
}

/** What a server makes of a client's bytes, up to messages. */
function receive(pieces: Iterable<Uint8Array>): { messages: Message[]; kind: string | null } {
  const messages: Message[] = []
  const handshake = new ServerHandshake()
  const reader = new ChunkReader((message) => messages.push(message))
  for (const piece of pieces) {
    const slab = Buffer.from(piece)
    reader.push(handshake.push(slab).rest)
    slab.fill(0xee)
  }
  return { messages, kind: handshake.kind }
}

function show(messages: readonly Message[]): ReadMessage[] {
  return messages.map((message) => ({ ...message, payload: toHex(message.payload) }))
}

function isCommand({ type }: Message): boolean {
  return type === MessageType.commandAmf0
}

describe.each([...players, ...publishers])('the recording $file', ({ file, commands, media }) => {
  const bytes = readCapture(file)
  const expected = receive(whole(bytes))

  it('has the commands that client is known to send', () => {
    const read = expected.messages.filter(isCommand).map(decodeCommand)
    expect(read.map((each) => [each.name, each.transactionId, each.streamId, ...each.args])).toEqual(commands)
    expect(read[0]?.object).toMatchObject({ app: 'live' })
    expect(String(read[0]?.object?.tcUrl)).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/live$/)
  })

  it('has media on message stream 1 whose time never goes back', () => {
    const counts = [MessageType.video, MessageType.audio, MessageType.dataAmf0].map((type) => {
      const ofType = expected.messages.filter((message) => message.type === type)
      const times = ofType.map(({ timestamp }) => timestamp)
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(ofType.every(({ streamId }) => streamId === 1)).toBe(true)
      return ofType.length
    })
    expect(counts).toEqual(media)
  })

  it('gives the same messages byte by byte and cut anywhere', () => {
    const wanted = { kind: expected.kind, messages: show(expected.messages) }
    const again = (pieces: Iterable<Uint8Array>): object => {
      const { kind, messages } = receive(pieces)
      return { kind, messages: show(messages) }
    }
    expect(again(byteByByte(bytes))).toEqual(wanted)
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 200 })
    fc.assert(
      fc.property(cuts, (at) => {
        expect(again(cutAt(bytes, at))).toEqual(wanted)
      }),
      { numRuns: 10 },
    )
  })
})

describe('a server session answers the recorded bytes of', () => {
  let sessions: RtmpSessions
  let socket: Socket | null = null

  afterEach(async () => {
    socket?.destroy()
    await sessions.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  /** Sends a recording in pieces; resolves with the statuses that come, up to `last`. */
  async function replay(pieces: Iterable<Uint8Array>, last: string): Promise<string[]> {
    const opened = connect(sessions.port, '127.0.0.1')
    socket = opened
    const codes: string[] = []
    // C2 is in the recording; the answer is only taken apart.
    const handshake = new ClientHandshake({ kind: 'simple' })
    const answered = new Promise<void>((resolve, reject) => {
      const reader = new ChunkReader((message) => {
        if (!isCommand(message)) {
          return
        }
        const { name, args } = decodeCommand(message)
        const { code } = (args[0] ?? {}) as { code?: string }
        codes.push(code ?? name)
        if (name === 'onStatus' && code === last) {
          resolve()
        }
      })
      opened.on('data', (bytes: Uint8Array) => reader.push(handshake.push(bytes).rest))
      opened.on('close', () => reject(new Error(`closed after ${codes.join()}`)))
    })
    for (const piece of pieces) {
      opened.write(piece)
    }
    await answered
    return codes
  }

  it.each(publishers)(
    '$file with the publish status, and gets its media',
    async ({ file, commands, media }) => {
      sessions = await RtmpSessions.listen()
      const codes = await replay(
        cutAt(readCapture(file), [1000, 3072, 3080, 3400]),
        'NetStream.Publish.Start',
      )
      const start = 'NetStream.Publish.Start'
      expect(codes.slice(0, 2)).toEqual(['NetConnection.Connect.Success', 'onBWDone'])
      expect(codes.filter((code) => code === start)).toHaveLength(2) // onFCPublish and onStatus
      // All but connect and publish.
      expect(codes.filter((code) => code === '_result')).toHaveLength(commands.length - 2)
      const [receiver] = sessions.receivers
      const count = media.reduce((sum, each) => sum + each)
      await sessions.until('all media came', () => receiver?.media.length === count)
      expect(receiver?.request.path).toBe(`live/${commands.find(([name]) => name === 'publish')?.[3]}`)
      expect(show(receiver?.media ?? [])).toEqual(
        show(receive(whole(readCapture(file))).messages.filter(({ type }) => [8, 9, 18].includes(type))),
      )
    },
  )

  it.each(players)('$file with the play status', async ({ file }) => {
    sessions = await RtmpSessions.listen()
    const codes = await replay(cutAt(readCapture(file), [1, 1600, 3073]), 'NetStream.Play.Start')
    expect(codes.slice(0, 2)).toEqual(['NetConnection.Connect.Success', 'onBWDone'])
    expect(codes.slice(-2)).toEqual(['NetStream.Play.Reset', 'NetStream.Play.Start'])
    await sessions.until('playback began', () => sessions.playbacks[0]?.starts === 1)
    expect(sessions.playbacks[0]?.request.path).toBe('live/src')
  })

  it('a publisher cut short in the midst of its handshake, by waiting', async () => {
    sessions = await RtmpSessions.listen()
    const bytes = readCapture('full/obs-29-publish').subarray(0, HANDSHAKE_BYTES - 1)
    socket = connect(sessions.port, '127.0.0.1')
    socket.write(bytes)
    const received: Uint8Array[] = []
    for await (const piece of socket) {
      received.push(piece as Uint8Array)
      if (Buffer.concat(received).length === HANDSHAKE_BYTES) {
        break
      }
    }
    expect(sessions.connects).toEqual([])
    expect(Buffer.concat(received)).toHaveLength(HANDSHAKE_BYTES)
  })
})

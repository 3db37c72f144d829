import { ByteWriter } from '../../../src/bytes/index.ts'
import { Amf0EcmaArray, type Amf0Value, encodeAmf0 } from '../../../src/media/index.ts'
import { ClientHandshake, type HandshakeKind, type Message, MessageType } from '../../../src/rtmp/index.ts'
import type { Random } from '../lib/random.ts'
import { amf0Values } from './amf0.ts'
import { encodeMessages, rawChunks } from './chunks.ts'
import { scriptBody } from './flv.ts'
import { audioBody, videoBody } from './media.ts'

const KINDS: readonly HandshakeKind[] = ['simple', 'digest-first', 'key-first']
const COMMANDS = [
  'createStream',
  'releaseStream',
  'FCPublish',
  'publish',
  'play',
  'pause',
  'seek',
  'receiveAudio',
  'receiveVideo',
  'closeStream',
  'deleteStream',
  'FCUnpublish',
  'FCSubscribe',
  '_checkbw',
  'getStreamLength',
  'play2',
  'connect',
  'close',
  'call',
  '_result',
  '_error',
  'onStatus',
  'onBWDone',
  '',
] as const
const STREAMS = [
  'fuzz',
  'fuzz',
  'fuzz',
  'fuzz2',
  'fuzz?token=1&vhost=v',
  '',
  '../x',
  'fuzz...vhost...v',
  'a/b',
  '\u0000',
] as const
const URLS = [
  'rtmp://host/live',
  'rtmp://host:1935/live?vhost=v',
  'rtmp://[::1]/live',
  'live',
  '',
  'rtmp://h/',
  'rtmps://h:x/live',
] as const

/** C0, C1 and C2 of a client that does not wait for the server, of any kind. */
export function clientHandshake(random: Random): Uint8Array {
  const fillRandom = (bytes: Uint8Array): void => bytes.set(random.bytes(bytes.length))
  const { opening } = new ClientHandshake({ kind: random.pick(KINDS), time: random.uint32(), fillRandom })
  return Buffer.concat([opening, random.bytes(1536)])
}

/** All that a client sends: the handshake, commands in a sensible order or none, media, control messages. */
export function clientSession(random: Random): Uint8Array {
  const begin = [connect(random)]
  const middle = random.oneIn(3) ? randomMessages(random) : sensibleMessages(random)
  const tail = random.oneIn(6) ? rawChunks(random) : new Uint8Array(0)
  return Buffer.concat([clientHandshake(random), encodeMessages([...begin, ...middle]), tail])
}

function sensibleMessages(random: Random): Message[] {
  const name = random.pick(STREAMS)
  const streamId = random.oneIn(5) ? random.interesting(0xffffffff) : 1
  const setup = random.oneIn(2) ? [command(random, 'createStream', [null], 0)] : []
  const play = random.oneIn(3)
  const start = play
    ? command(random, 'play', [null, name, random.pick([-2000, -2, 0, 5000, NaN]), -1, true], streamId)
    : command(random, 'publish', [null, name, random.pick(['live', 'record', 'append', '', null])], streamId)
  const media = random.list(random.small(20), () =>
    play ? anyMessage(random) : mediaMessage(random, streamId),
  )
  return [...setup, start, ...media, ...random.list(random.small(3), () => anyMessage(random))]
}

function randomMessages(random: Random): Message[] {
  return random.list(random.small(15), () => anyMessage(random))
}

function anyMessage(random: Random): Message {
  switch (random.below(5)) {
    case 0:
      return mediaMessage(random, random.small(3))
    case 1:
      return controlMessage(random)
    case 2:
      return message(random, random.below(32), random.small(3), random.bytes(random.small(40)))
    default: {
      const name = random.pick(COMMANDS)
      const args: Amf0Value[] = random.oneIn(2)
        ? [null, random.pick<Amf0Value>([...STREAMS, true, false, 0, 1, null])]
        : [null, random.oneIn(2), random.interesting(0xffffffff)]
      return command(random, name, args, random.small(3))
    }
  }
}

function connect(random: Random): Message {
  const object: Record<string, Amf0Value> = {
    app: 'live',
    tcUrl: random.oneIn(4) ? random.pick(URLS) : 'rtmp://127.0.0.1/live',
    ...(random.oneIn(4) ? { objectEncoding: random.pick([0, 3, NaN]) } : {}),
    ...(random.oneIn(3) ? { fourCcList: ['hvc1', 'av01', 1, null], capsEx: random.interesting(0xff) } : {}),
    ...(random.oneIn(4) ? { videoFourCcInfoMap: new Amf0EcmaArray({ '*': 4, hvc1: 'x' }) } : {}),
  }
  return command(random, random.oneIn(30) ? 'publish' : 'connect', [object], 0)
}

/** A command message; now and then with rubbish behind it, or as AMF3. */
function command(random: Random, name: string, values: readonly Amf0Value[], streamId: number): Message {
  const transactionId = random.oneIn(10) ? random.pick([NaN, -1, 1e300, 0]) : random.small(10)
  const body = encodeAmf0(name, transactionId, ...values)
  const rest = random.oneIn(8) ? amf0Values(random) : new Uint8Array(0)
  if (random.oneIn(8)) {
    return message(random, MessageType.commandAmf3, streamId, Buffer.concat([Uint8Array.of(0), body, rest]))
  }
  return message(random, MessageType.commandAmf0, streamId, Buffer.concat([body, rest]))
}

function mediaMessage(random: Random, streamId: number): Message {
  const type = random.pick([
    MessageType.video,
    MessageType.video,
    MessageType.audio,
    MessageType.dataAmf0,
    MessageType.dataAmf3,
    MessageType.aggregate,
  ])
  switch (type) {
    case MessageType.video:
      return message(random, type, streamId, videoBody(random))
    case MessageType.audio:
      return message(random, type, streamId, audioBody(random))
    case MessageType.dataAmf3:
      return message(random, type, streamId, Buffer.concat([Uint8Array.of(0), scriptBody(random)]))
    case MessageType.aggregate:
      return message(random, type, streamId, aggregateBody(random))
    default:
      return message(random, type, streamId, scriptBody(random))
  }
}

/** Tags as in an FLV file, without the file header (Adobe RTMP 1.0, 7.1.6). */
export function aggregateBody(random: Random): Uint8Array {
  const writer = new ByteWriter()
  const count = random.small(5)
  for (let i = 0; i < count; i++) {
    const body = random.oneIn(2) ? videoBody(random) : audioBody(random)
    writer.writeUint8(random.pick([8, 9, 18, 22, random.below(32)]))
    writer.writeUint24(random.oneIn(15) ? random.interesting(0xffffff) : body.length)
    writer
      .writeUint24(random.interesting(0xffffff))
      .writeUint8(random.oneIn(8) ? random.below(256) : 0)
      .writeUint24(0)
    writer.writeBytes(body).writeUint32(random.oneIn(5) ? random.uint32() : body.length + 11)
  }
  return writer.bytes()
}

function controlMessage(random: Random): Message {
  const writer = new ByteWriter()
  const type = random.pick([1, 2, 3, 4, 5, 6])
  if (type === MessageType.userControl) {
    writer.writeUint16(random.small(32)).writeUint32(random.interesting(0xffffffff))
  }
  writer.writeUint32(
    type === MessageType.setChunkSize ? 1 + random.small(70_000) : random.interesting(0xffffffff),
  )
  return message(
    random,
    type,
    0,
    random.oneIn(10) ? writer.bytes().subarray(0, random.small(4)) : writer.bytes(),
  )
}

function message(random: Random, type: number, streamId: number, payload: Uint8Array): Message {
  const timestamp = random.oneIn(5) ? random.interesting(0xffffffff) : random.small(5000)
  return { type, streamId, timestamp, chunkStreamId: random.pick([3, 4, 5, 6, 8]), payload }
}

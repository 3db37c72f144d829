import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { byteByByte, cutAt, whole } from '../../test/support/chunks.ts'
import { describeMessage } from '../../test/support/describe-message.ts'
import { liveTcpHandles, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { ChunkReader, ClientHandshake, type Message } from './index.ts'

const fixtures = new URL('../../test/fixtures/rtmp/', import.meta.url)
const HANDSHAKE_BYTES = 1 + 2 * 1536
/** All commands of a recording are within so many bytes. */
const COMMAND_BYTES = 3_700

function read(file: string): Uint8Array {
  return readFileSync(new URL(file, fixtures))
}

/** Chunk stream and message. */
function inShort(message: Message): string {
  return `${message.chunkStreamId} ${describeMessage(message)}`
}

/** What SRS answered, up to the last answer before media. */
function answersOfSrs(file: string, last: string): string[] {
  const answers: string[] = []
  const reader = new ChunkReader((message) => answers.push(inShort(message)))
  reader.push(read(`full/${file}.s2c.bin`).subarray(HANDSHAKE_BYTES))
  return answers.slice(0, answers.indexOf(last) + 1)
}

/** Ever other cuts, the same in every run. */
function randomCuts(bytes: Uint8Array): Iterable<Uint8Array> {
  let state = 12_345
  const cuts = Array.from({ length: 60 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % bytes.length
  })
  return cutAt(bytes, cuts)
}

const ways: readonly (readonly [string, (bytes: Uint8Array) => Iterable<Uint8Array>])[] = [
  ['whole', whole],
  [
    'byte by byte',
    function* (bytes) {
      yield* byteByByte(bytes.subarray(0, COMMAND_BYTES))
      yield bytes.subarray(COMMAND_BYTES)
    },
  ],
  ['cut at random', randomCuts],
]

const PUBLISHED = '5 onStatus NetStream.Publish.Start on 1'
const PLAYED = '5 data |RtmpSampleAccess true true on 1'

const recordings: readonly Readonly<{
  file: string
  sent: string
  last: string
  /** Answers to calls that SRS, once createStream has come, leaves unanswered: `_checkbw` and getStreamLength. */
  more: readonly string[]
}>[] = [
  { file: 'ffmpeg-5.1-publish', sent: 'full/', last: PUBLISHED, more: ['3 _result 5 null'] },
  { file: 'gst-1.22-rtmp2sink-publish', sent: 'full/', last: PUBLISHED, more: [] },
  { file: 'gst-1.22-rtmpsink-publish', sent: 'full/', last: PUBLISHED, more: ['3 _result 5 null'] },
  { file: 'obs-29-publish', sent: 'full/', last: PUBLISHED, more: ['3 _result 5 null'] },
  { file: 'ffmpeg-5.1-play', sent: '', last: PLAYED, more: ['3 _result 3 null', '3 _result 4 null'] },
  { file: 'gst-1.22-rtmp2src-play', sent: '', last: PLAYED, more: [] },
  { file: 'gst-1.22-rtmpsrc-play', sent: '', last: PLAYED, more: ['3 _result 3 null'] },
  { file: 'rtmpdump-2.4-play', sent: '', last: PLAYED, more: ['3 _result 3 null'] },
]

describe.each(recordings)('The recorded bytes of $file', ({ file, sent, last, more }) => {
  let sessions: RtmpSessions
  let socket: Socket

  beforeEach(async () => {
    sessions = await RtmpSessions.listen()
  })

  afterEach(async () => {
    socket.destroy()
    await sessions.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  /** Sends the pieces; resolves with the answers up to the last before media. */
  async function answersTo(pieces: Iterable<Uint8Array>): Promise<string[]> {
    socket = connect({ port: sessions.port, host: '127.0.0.1', noDelay: true })
    const answers: string[] = []
    const handshake = new ClientHandshake({ kind: 'simple' })
    const answered = new Promise<void>((resolve, reject) => {
      const reader = new ChunkReader((message) => {
        answers.push(inShort(message))
        if (answers.at(-1) === last) {
          resolve()
        }
      })
      socket.on('data', (bytes: Uint8Array) => reader.push(handshake.push(bytes).rest))
      socket.on('close', () => reject(new Error(`closed after ${answers.join(', ')}`)))
    })
    for (const piece of pieces) {
      socket.write(piece)
    }
    await answered
    return answers
  }

  it.each(ways)('%s are answered as SRS answered them', async (_way, cut) => {
    const answers = await answersTo(cut(read(`${sent}${file}.c2s.bin`)))
    expect(answers.filter((answer) => !more.includes(answer))).toEqual(answersOfSrs(file, last))
    expect(answers.filter((answer) => more.includes(answer))).toEqual(more)
    expect(sessions.receivers.length + sessions.playbacks.length).toBe(1)
  })
})

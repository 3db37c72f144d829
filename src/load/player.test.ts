import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import {
  encodeFlvFileHeader,
  FlvTagType,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../media/index.ts'
import { listenTcp, SocketSink } from '../net/index.ts'
import { LoadCounters, type LoadCounts } from './counters.ts'
import { MediaProbe } from './media-probe.ts'
import { Player } from './player.ts'
import { AUDIO_FRAME } from './synthetic-audio.ts'
import { SyntheticMedia } from './synthetic-stream.ts'
import { parseLoadTarget } from './target.ts'

const media = new SyntheticMedia({ bitrate: 300_000, framesPerSecond: 25, gopFrames: 10, audio: true })
const OK = Buffer.from('HTTP/1.1 200 OK\r\n\r\n')
const FILE_HEADER = encodeFlvFileHeader({ hasAudio: true, hasVideo: true })
const KEYFRAME = tag(FlvTagType.video, media.videoBody(0, 0))
const NO_FLV = Buffer.alloc(1000, 0xff)
/** Any time between two reads is longer. */
const SHORTEST_STALL_MS = 1e-6

function tag(type: FlvTagType, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(11 + body.length + 4)
  writeFlvTagHeader(bytes, 0, type, body.length, 0)
  bytes.set(body, 11)
  writeFlvPreviousTagSize(bytes, 11 + body.length, body.length)
  return bytes
}

/** A player of a server that is played by the test. */
async function start(sampled = false): Promise<{
  player: Player
  counters: LoadCounters
  counts: LoadCounts
  server: SocketSink
}> {
  const sockets: Socket[] = []
  const listener = await listenTcp({ port: 0 }, 'a test', (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  const { port } = listener.address
  const counters = new LoadCounters()
  const target = parseLoadTarget(`http://127.0.0.1:${port}/live/demo.flv`)
  const context = {
    ...{ target, counters },
    address: '127.0.0.1',
    tls: null,
    buffer: Buffer.alloc(65_536),
    stallMs: SHORTEST_STALL_MS,
  }
  const setup = { stream: 'demo', stallMs: 200, onLatency: () => {} }
  const player = new Player(context, 'demo', sampled ? new MediaProbe(setup) : null)
  player.begin()
  const socket = await waitFor('the connection', () => sockets[0])
  onTestFinished(async () => {
    await player.end()
    socket.destroy()
    await listener.close()
  })
  return { player, counters, counts: counters.counts, server: new SocketSink(socket) }
}

function reasons(counters: LoadCounters): Readonly<Record<string, number>> {
  const idle = { cpuSeconds: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, eventLoopDelayMaxMs: 0 }
  return counters.snapshot(0, [], { ...idle, residentBytes: 0 }).reasons
}

describe('a player', () => {
  it('is accepted, sees its first media and its first keyframe', async () => {
    const { counts, counters, server } = await start()
    expect(counts).toMatchObject({ playersBegun: 1, playersAccepted: 0 })
    server.write(OK)
    await waitFor('the answer', () => counts.playersAccepted === 1)
    server.write(Buffer.concat([FILE_HEADER, tag(FlvTagType.audio, AUDIO_FRAME)]))
    await waitFor('audio', () => counters.times.firstMedia.count === 1)
    expect(counters.times.firstKeyframe.count).toBe(0)
    server.write(Buffer.concat([tag(FlvTagType.video, media.videoBody(1, 0)), KEYFRAME, KEYFRAME]))
    await waitFor('a keyframe', () => counters.times.firstKeyframe.count === 1)
    expect(counters.times.firstMedia.count).toBe(1)
    expect(counts).toMatchObject({ playersAccepted: 1, playersRefused: 0, playersDisconnected: 0 })
  })

  it('only counts bytes from its first keyframe on', async () => {
    const { counts, counters, server } = await start()
    server.write(Buffer.concat([OK, FILE_HEADER, KEYFRAME]))
    await waitFor('a keyframe', () => counters.times.firstKeyframe.count === 1)
    server.write(NO_FLV)
    const bytes = OK.length + FILE_HEADER.length + KEYFRAME.length + NO_FLV.length
    await waitFor('all bytes', () => counts.bytesReceived === bytes)
    expect(counts.playersDisconnected).toBe(0)
  })

  it('understands all it gets if it is sampled', async () => {
    const { counts, counters, server } = await start(true)
    const tooLong = tag(FlvTagType.video, new Uint8Array(1))
    tooLong.fill(0xff, 1, 4)
    server.write(Buffer.concat([OK, FILE_HEADER, KEYFRAME, tooLong]))
    await waitFor('the end', () => counts.playersDisconnected === 1)
    expect(Object.keys(reasons(counters))).toEqual([expect.stringContaining('MAX_FLV_TAG_BYTES')])
  })

  it('stalls when nothing comes, until the very end', async () => {
    const { player, counts, counters, server } = await start()
    server.write(Buffer.concat([OK, FILE_HEADER, KEYFRAME]))
    await waitFor('a keyframe', () => counters.times.firstKeyframe.count === 1)
    expect(counts.stalls).toBe(0)
    server.write(NO_FLV)
    await waitFor('a stall', () => counts.stalls === 1)
    await player.end()
    expect(counts).toMatchObject({ stalls: 2, playersStalled: 1, playersDisconnected: 0 })
    expect(counters.largestReadGapMs).toBeGreaterThan(0)
  })

  it('is refused when the connection ends without an answer, and disconnected when it ends later', async () => {
    const early = await start()
    early.server.end()
    await waitFor('the refusal', () => early.counts.playersRefused === 1)
    expect(reasons(early.counters)).toEqual({ 'the server closed the connection': 1 })
    const late = await start()
    late.server.write(OK)
    late.server.end()
    await waitFor('the disconnection', () => late.counts.playersDisconnected === 1)
    expect(late.counts).toMatchObject({ playersAccepted: 1, playersRefused: 0 })
  })

  it('is neither when it leaves by itself', async () => {
    const { player, counts } = await start()
    await player.end()
    expect(counts).toMatchObject({ playersAccepted: 0, playersRefused: 0, playersDisconnected: 0 })
  })
})

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MediaPacket, RtmpPlayer } from '../../src/index.ts'
import { parseAudioTagBody, parseVideoTagBody } from '../../src/media/index.ts'
import { runTool } from '../support/ffmpeg.ts'
import { FastClock } from '../support/live.ts'
import { elst } from '../support/mp4.ts'
import { MP4_FRAME_RATE, makeMp4, remuxMp4, withEdits } from '../support/mp4-files.ts'
import { samplesOf } from '../support/mp4-samples.ts'
import { AS_STORED, type Packet, readPackets, requireRun } from '../support/packets.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'

const PASSES = 10
const FRAME_MS = 1000 / MP4_FRAME_RATE
const SOUND_FRAME_MS = (1024 * 1000) / 44_100
/** Times are whole milliseconds: two steps may differ by one of them. */
const ROUNDING_MS = 1

type Kind = 'audio' | 'video'
type Files = Readonly<Record<'avc' | 'faststart' | 'fragments' | 'fragments-apart' | 'hevc', string>>

const scope = new FileScope()
let files: Files
let test: TestServer
beforeAll(async () => {
  const folder = await mediaFolder(scope)
  const [avc, hevc] = await Promise.all([makeMp4(folder, 'avc'), makeMp4(folder, 'hevc')])
  const layouts = ['faststart', 'fragments', 'fragments-apart'] as const
  const [faststart = '', fragments = '', apart = ''] = await Promise.all(
    layouts.map((layout) => remuxMp4(avc, layout)),
  )
  files = { avc, hevc, faststart, fragments, 'fragments-apart': apart }
  // All passes come within a second: nobody is to be taken for late.
  const broadcast = { queueLengthMs: 600_000 }
  test = await startServer(scope, { clock: new FastClock(40), broadcast })
})
afterAll(() => scope.clean())

/** What a player of our own gets of a stream until there are so many pictures and the sound to them. */
async function receive(url: string, pictures: number): Promise<Record<Kind, Received[]>> {
  const player = await RtmpPlayer.play(url, { idleTimeoutMs: 60_000 })
  const received: Record<Kind, Received[]> = { audio: [], video: [] }
  for await (const packet of player) {
    const media = describePacket(packet)
    if (media !== null) {
      received[media.kind].push(media)
    }
    if (received.video.length === pictures) {
      break
    }
  }
  return received
}

type Received = Packet & Readonly<{ kind: Kind }>

/** A packet of media with the hash of its payload; null for others. */
function describePacket({ kind, timestamp, body }: MediaPacket): Received | null {
  if (kind === 'data') {
    return null
  }
  const info = kind === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body)
  if (info.sequenceHeader) {
    return null
  }
  const offset = 'compositionOffset' in info ? info.compositionOffset : 0
  const hash = createHash('md5').update(body.subarray(info.dataOffset)).digest('hex')
  return { kind, dts: timestamp, pts: timestamp + offset, hash }
}

function steps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0))
}

/** A round of what was received: where it begins there, and where in the source; sound that would overlap is left out. */
type RoundStart = Readonly<{ at: number; inSource: number }>

function splitRounds(received: readonly Packet[], source: readonly Packet[]): RoundStart[] {
  const rounds: RoundStart[] = []
  let expected = source.length
  for (const [at, { hash }] of received.entries()) {
    if (expected === source.length) {
      expected = source.findIndex((packet) => packet.hash === hash)
      rounds.push({ at, inSource: expected })
    }
    expect(hash).toBe(source[expected]?.hash)
    expected++
  }
  return rounds
}

describe.concurrent('an MP4 of FFmpeg, played in a loop', () => {
  it.each(['avc', 'faststart', 'fragments', 'fragments-apart', 'hevc'] as const)(
    '(%s) has in ten rounds what FFmpeg demuxes, rising decode times, and no gap at the seams',
    async (name) => {
      const path = files[name]
      const [video, audio] = await Promise.all([
        readPackets(path, 'v', AS_STORED),
        readPackets(path, 'a', AS_STORED),
      ])
      const receiving = receive(`${test.rtmpUrl}/live/${name}`, PASSES * video.length)
      const stop = await test.server.publishFile(`live/${name}`, { path })
      const received = await receiving
      await stop()

      expect(video).toHaveLength(MP4_FRAME_RATE)
      // The first round is what is in the file, at its times.
      requireRun(received.video.slice(0, video.length), video)
      requireRun(received.audio.slice(0, audio.length), audio)
      // And so are the others, but for sound that would overlap the round before: priming, and what fills the last frame up.
      const pictureRounds = splitRounds(received.video, video)
      expect(pictureRounds.map(({ inSource }) => inSource)).toEqual(Array(PASSES).fill(0))
      const soundRounds = splitRounds(received.audio, audio)
      expect(soundRounds.length).toBeGreaterThanOrEqual(PASSES)
      expect(soundRounds[0]).toEqual({ at: 0, inSource: 0 })
      expect(Math.max(...soundRounds.map(({ inSource }) => inSource))).toBeLessThanOrEqual(3)

      // Pictures follow each other evenly, as they are decoded and as they are shown.
      expect(new Set(steps(received.video.map(({ dts }) => dts)))).toEqual(new Set([FRAME_MS]))
      const shown = received.video.map(({ pts }) => pts).sort((a, b) => a - b)
      expect(new Set(steps(shown))).toEqual(new Set([FRAME_MS]))
      expect(received.video.some(({ dts, pts }) => pts > dts)).toBe(true)
      const sound = steps(received.audio.map(({ dts }) => dts))
      expect(Math.min(...sound)).toBeGreaterThan(0)
      const seams = soundRounds.slice(1).map(({ at }) => sound[at - 1] ?? 0)
      expect(Math.max(...seams)).toBeLessThanOrEqual(1.5 * SOUND_FRAME_MS + ROUNDING_MS)
    },
  )

  it('is described: codecs, size, rate, channels', async () => {
    const stop = await test.server.publishFile('live/described', { path: files.hevc })
    for await (const { kind } of test.server.frames('live/described')) {
      if (kind === 'audio') {
        break
      }
    }
    const { metadataProperties, video, audio } = test.server.stream('live/described')?.state ?? {}
    await stop()
    expect(metadataProperties).toMatchObject({ width: 160, height: 90, framerate: 25 })
    expect(video).toMatchObject({ codec: 'hevc', width: 160, height: 90 })
    expect(audio).toMatchObject({ codec: 'aac', sampleRate: 44_100 })
  })
})

/** Pictures with the time at which they are shown, ms. */
type Shown = Readonly<{ hash: string; pts: number }>

/** What FFmpeg shows of a file: it reads more, which it says is to be decoded only. */
async function shownByFfmpeg(path: string): Promise<Shown[]> {
  const entries = ['-show_entries', 'packet=pts_time,flags,data_hash', '-show_data_hash', 'md5']
  const text = await runTool('ffprobe', [
    '-v',
    'error',
    '-select_streams',
    'v',
    ...entries,
    '-of',
    'json',
    path,
  ])
  const { packets } = JSON.parse(text) as {
    packets: readonly Readonly<{ pts_time: string; flags: string; data_hash: string }>[]
  }
  return packets.flatMap(({ pts_time, flags, data_hash }) =>
    flags.includes('D')
      ? []
      : [{ hash: data_hash.replace(/^MD5:/i, '').toLowerCase(), pts: Math.round(Number(pts_time) * 1000) }],
  )
}

function samplesIn(path: string): (Shown & Readonly<{ dts: number }>)[] {
  const file = readFileSync(path)
  return samplesOf(file).map(({ offset, size, decodeTimeMs, compositionOffsetMs }) => ({
    hash: createHash('md5')
      .update(file.subarray(offset, offset + size))
      .digest('hex'),
    dts: decodeTimeMs,
    pts: decodeTimeMs + compositionOffsetMs,
  }))
}

describe.concurrent('an MP4 with cuts in its edit list', () => {
  // Three groups of a second, in 1/12 800 s; the first picture is shown 1024 of these after it is decoded.
  const at = (ms: number): number => 1024 + ms * 12.8
  let path: string
  beforeAll(async () => {
    path = await makeMp4(await mediaFolder(scope), 'avc', 3)
  })

  // FFmpeg 5.1 leaves gaps out, and is a little late behind a second cut within groups.
  it.each([
    [
      'at keyframes, in another order',
      [
        [1000, at(1000)],
        [1000, at(0)],
        [1000, at(2000)],
      ],
      75,
    ],
    [
      'within groups of pictures',
      [
        [400, at(0)],
        [400, at(2400)],
      ],
      18,
    ],
  ] as const)('%s shows what FFmpeg shows, when FFmpeg shows it', async (name, edits, count) => {
    const cut = await withEdits(path, name.replaceAll(/\W/g, '-'), elst(...edits))
    const [expected, ours] = [await shownByFfmpeg(cut), samplesIn(cut)]
    expect(expected.length).toBeGreaterThanOrEqual(count)
    // What is decoded only comes between.
    const found: Shown[] = []
    for (const { hash, pts } of ours) {
      const next = expected[found.length]
      if (hash === next?.hash && pts === next.pts) {
        found.push({ hash, pts })
      }
    }
    expect(found).toEqual(expected)
    const times = ours.map(({ dts }) => dts)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(ours.every(({ dts, pts }) => pts >= dts)).toBe(true)
  })
})

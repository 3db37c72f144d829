import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeFlv, flvTag, type PlainTag } from '../../../test/support/flv.ts'
import { FrameSink, LiveRig, RushingClock, stillClock } from '../../../test/support/live.ts'
import { type Clock, DEFAULT_VHOST, RejectedError, ServerError } from '../../base/index.ts'
import type { Frame } from '../../live/index.ts'
import { encodeAmf0, MAX_FLV_TAG_BYTES } from '../../media/index.ts'
import { FileSource, type FileSourceOptions } from './file-source.ts'

const NAME = { vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' }
const DEMO = fileURLToPath(new URL('../../../assets/demo.flv', import.meta.url))

const { videoHeader, audioHeader, key, inter, audio, endOfSequence, script } = flvTag

let folder = ''
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-source-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function store(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.flv`)
  await writeFile(path, bytes)
  return path
}

type Played = { frames: Frame[]; rig: LiveRig; source: FileSource; ended: Promise<void> }

/** Plays until so many frames have come, then stops. */
async function play(
  file: readonly PlainTag[] | string,
  frameCount: number,
  options: Partial<FileSourceOptions> = {},
  clock: Clock = new RushingClock(),
): Promise<Played> {
  const path = typeof file === 'string' ? file : await store(encodeFlv(file))
  const rig = new LiveRig(clock)
  const source = new FileSource(rig.live, { path, name: NAME, ...options }, clock)
  const sink = new FrameSink(() => {
    if (sink.frames.length === frameCount) {
      source.stop()
    }
  })
  rig.live.registry.open(NAME).attach(sink)
  const { ended } = await source.start()
  return { frames: sink.frames, rig, source, ended }
}

/** Like `play`, and waits for the end. */
async function playAll(...args: Parameters<typeof play>): Promise<Played> {
  const played = await play(...args)
  await played.ended
  return played
}

/** Times of the frames of a kind that carry media. */
function times(frames: readonly Frame[], kind: Frame['kind']): number[] {
  const media = frames.filter((frame) => frame.kind === kind && !frame.sequenceHeader && frame.body[1] === 1)
  return media.map(({ timestamp }) => timestamp)
}

function steps(values: readonly number[]): number[] {
  return values.slice(1).map((value, i) => value - (values[i] ?? 0))
}

describe('FileSource', () => {
  it('begins again without a jump, and without one frame on top of another', async () => {
    const file = [videoHeader(0), key(0), inter(40), inter(80), endOfSequence(80)]
    const { frames } = await playAll(file, 40)
    const video = times(frames, 'video')
    expect(video.length).toBeGreaterThan(25)
    expect(new Set(steps(video))).toEqual(new Set([40]))
    expect(frames.filter(({ sequenceHeader }) => sequenceHeader)).toHaveLength(1)
  })

  it('cuts a little sound behind the picture, so that pictures follow each other evenly', async () => {
    const file = [
      videoHeader(0),
      audioHeader(0),
      key(0),
      audio(0),
      audio(23),
      inter(40),
      audio(46),
      audio(69),
    ]
    const { frames } = await playAll(file, 40)
    expect(new Set(steps(times(frames, 'video')))).toEqual(new Set([40]))
    // The second round's first frame would begin before the sound of the first is over.
    expect(times(frames, 'audio').slice(0, 6)).toEqual([0, 23, 46, 69, 103, 126])
  })

  it.each([
    ['sound', [0, 40, 300, 340], [0, 100, 200, 300, 400]],
    ['picture', [0, 40, 80, 120, 160], [0, 60, 160, 220]],
  ])('begins again when the longer track ends: the %s', async (longer, pictures, sounds) => {
    const tracks =
      longer === 'sound'
        ? [videoHeader(0), audioHeader(0), key(0), audio(0), inter(40), audio(100), audio(200)]
        : [videoHeader(0), audioHeader(0), key(0), audio(0), inter(40), audio(60), inter(80), inter(120)]
    const { frames } = await playAll(tracks, 40)
    expect(times(frames, 'video').slice(0, pictures.length)).toEqual(pictures)
    expect(times(frames, 'audio').slice(0, sounds.length)).toEqual(sounds)
  })

  it('sends what is left of one round and what there is of the next in order of time', async () => {
    // The sound begins, and ends, half a second later than the picture.
    const file = [videoHeader(0), audioHeader(0)]
    for (let time = 0; time < 2000; time += 100) {
      file.push(time === 0 ? key(0) : inter(time), audio(time + 500))
    }
    file.sort((a, b) => a.timestampMs - b.timestampMs)
    const { frames } = await playAll(file, 150)
    const media = frames.filter(({ kind, sequenceHeader }) => kind !== 'data' && !sequenceHeader)
    expect(Math.min(...steps(media.map(({ timestamp }) => timestamp)))).toBe(0)
    expect(new Set(steps(times(frames, 'video')))).toEqual(new Set([100]))
    expect(new Set(steps(times(frames, 'audio')))).toEqual(new Set([100]))
  })

  it('plays the bundled clip round after round, its frames evenly', async () => {
    const { frames } = await playAll(DEMO, 6000)
    const [video, sound] = [times(frames, 'video'), times(frames, 'audio')]
    expect(video.at(-1)).toBeGreaterThan(64_000)
    for (const [all, frameMs] of [
      [video, 40],
      [sound, 24],
    ] as const) {
      const distances = steps(all)
      expect(Math.min(...distances)).toBeGreaterThan(0)
      expect(Math.max(...distances)).toBeLessThanOrEqual(2 * frameMs)
    }
  })

  it('begins at the first frame of a recording that begins anywhere', async () => {
    const hour = 3_600_000
    const file = [script(0, encodeAmf0('onMetaData', {})), videoHeader(hour), key(hour), inter(hour + 40)]
    const { frames } = await playAll(file, 12)
    expect(times(frames, 'video').slice(0, 5)).toEqual([0, 40, 80, 120, 160])
  })

  it.each([
    ['2^31', 2 ** 31],
    ['2^32', 2 ** 32],
    ['2^31 on a clock of 31 bits', 2 ** 31, 2 ** 31],
  ])('goes on where the clock of a recording passes %s', async (_, end, modulus = 2 ** 32) => {
    const at = (offset: number): number => (end + offset) % modulus
    const file = [
      videoHeader(at(-60)),
      audioHeader(at(-60)),
      key(at(-60)),
      audio(at(-60)),
      inter(at(-20)),
      inter(at(20)),
      // Sent late, from before the end.
      audio(at(-37)),
      audio(at(-14)),
      audio(at(9)),
      inter(at(60)),
    ]
    const { frames } = await playAll(file, 30)
    expect(times(frames, 'video').slice(0, 7)).toEqual([0, 40, 80, 120, 160, 200, 240])
    expect(times(frames, 'audio').slice(0, 5)).toEqual([0, 23, 46, 69, 160])
  })

  it('does not wait for the first frame of such a recording', async () => {
    const { frames } = await playAll([key(3_600_000), inter(3_600_040)], 1, {}, stillClock)
    expect(frames).toHaveLength(1)
  })

  it('publishes metadata once, and sequence headers once', async () => {
    const metadata = script(0, encodeAmf0('onMetaData', { width: 640, duration: 3 }))
    const file = [metadata, videoHeader(0), audioHeader(0), key(0), audio(0), inter(40), audio(23)]
    const { frames, rig } = await playAll(file, 30)
    expect(frames.filter(({ kind }) => kind === 'data')).toHaveLength(1)
    expect(frames.filter(({ sequenceHeader }) => sequenceHeader)).toHaveLength(2)
    expect(rig.live.registry.streams).toEqual([])
  })

  it('plays once if told not to loop, then unpublishes', async () => {
    const { frames, rig } = await playAll([videoHeader(0), key(0), inter(40), inter(80)], 99, { loop: false })
    expect(times(frames, 'video')).toEqual([0, 40, 80])
    expect(rig.told).toEqual(['mayPublish', 'publish', 'unpublish unpublished: the file ended'])
  })

  it('plays a file that has nothing, if told not to loop', async () => {
    const { rig } = await playAll([], 1, { loop: false })
    expect(rig.told.at(-1)).toBe('unpublish unpublished: the file ended')
  })

  it('says who it is', async () => {
    const { rig, source } = await play([key(0)], 99, { loop: false })
    const [{ request } = { request: null }] = rig.events
    expect(request).toMatchObject({
      name: NAME,
      client: { id: 'file-live-demo', protocol: 'file', address: 'local' },
      vhost: '',
      param: '',
      tcUrl: 'file:///live',
      pageUrl: '',
    })
    source.stop()
  })

  it('waits for the time of each tag, and stops at once while it waits', async () => {
    const { frames, rig, source, ended } = await play([key(0), inter(60_000)], 99, {}, stillClock)
    await expect.poll(() => frames.length, { interval: 1 }).toBe(1)
    source.stop()
    source.stop()
    await ended
    expect(frames).toHaveLength(1)
    expect(rig.told).toEqual(['mayPublish', 'publish', 'unpublish unpublished: stopped'])
  })

  it('ends when the stream is ended, and writes nothing after it', async () => {
    const { frames, rig, source, ended } = await play([key(0), inter(60_000)], 99, {}, stillClock)
    await expect.poll(() => frames.length, { interval: 1 }).toBe(1)
    expect(source.revokedFor).toBeNull()
    rig.live.registry.close()
    await ended
    expect(source.revokedFor).toEqual({ code: 'closed', message: 'the server is closing' })
    expect(rig.told.at(-1)).toBe('unpublish closed: the server is closing')
  })

  it('begins no more when it is stopped before, and is refused by nobody', async () => {
    const rig = new LiveRig()
    const source = new FileSource(rig.live, { path: DEMO, name: NAME }, stillClock)
    const begins = source.start()
    source.stop()
    await expect(begins).rejects.toThrow(new RejectedError('the client left before it was admitted'))
    expect(rig.told).toEqual([])
    expect(rig.live.registry.streams).toEqual([])
    expect(rig.live.clients.list).toEqual([])
  })

  it('is refused as other publishers are', async () => {
    const rig = new LiveRig()
    rig.refusal = 'not today'
    const source = new FileSource(rig.live, { path: DEMO, name: NAME }, stillClock)
    await expect(source.start()).rejects.toThrow(new RejectedError('publish refused: not today'))
    expect(rig.told).toEqual(['mayPublish', 'refused'])
    expect(rig.live.registry.streams).toEqual([])
  })

  it.each([
    ['is missing', null, 'ENOENT'],
    ['is empty', new Uint8Array(0), 'it is neither FLV nor MP4: it is empty'],
    ['is no FLV', Buffer.from('MP4 or something'), 'it begins with 0x4d5034206f722073'],
  ])('refuses a file that %s before anybody is told', async (_, bytes, reason) => {
    const path = bytes === null ? join(folder, 'none.flv') : await store(bytes)
    const rig = new LiveRig()
    const source = new FileSource(rig.live, { path, name: NAME }, stillClock)
    const failure = await source.start().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ServerError)
    expect(failure).toMatchObject({ code: 'ERR_MEDIA_FILE' })
    expect(String(failure)).toContain(path)
    expect(String(failure)).toContain(reason)
    expect(rig.told).toEqual([])
  })

  it('fails at a tag that is too long', async () => {
    const tooLong = Buffer.from(encodeFlv([key(0), inter(40)]))
    const second = 13 + 11 + 6 + 4
    tooLong.writeUIntBE(MAX_FLV_TAG_BYTES + 1, second + 1, 3)
    const { rig, ended } = await play(await store(tooLong), 99)
    await expect(ended).rejects.toMatchObject({ code: 'ERR_MEDIA_FILE' })
    await expect(ended).rejects.toThrow(/MAX_FLV_TAG_BYTES/)
    expect(rig.told.at(-1)).toMatch(/^unpublish disconnected: the file source failed: .*MAX_FLV_TAG_BYTES/)
  })

  it('fails, and does not spin, if there is nothing to loop', async () => {
    const { ended } = await play([script(0, encodeAmf0('onMetaData', {}))], 99)
    await expect(ended).rejects.toMatchObject({ code: 'ERR_MEDIA_FILE' })
    await expect(ended).rejects.toThrow(/no audio or video to loop/)
  })
})

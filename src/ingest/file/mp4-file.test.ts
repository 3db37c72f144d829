import { mkdir, mkdtemp, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FrameSink, LiveRig, RushingClock } from '../../../test/support/live.ts'
import {
  AAC_ENTRY,
  AVC_ENTRY,
  audioEntry,
  box,
  elst,
  encodeMp4,
  esds,
  type PlainTrack,
  trex,
  videoEntry,
} from '../../../test/support/mp4.ts'
import { DEFAULT_VHOST } from '../../base/index.ts'
import type { Frame } from '../../live/index.ts'
import { decodeAmf0, MAX_FLV_TAG_BYTES } from '../../media/index.ts'
import { FileSource } from './file-source.ts'
import { PacedFile, type PacedTag } from './paced-file.ts'

const NAME = { vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' }

const VIDEO: PlainTrack = {
  id: 1,
  handler: 'vide',
  entries: [AVC_ENTRY],
  samples: [80, 160, 40, 40].map((composition, index) => ({
    payload: [index, 0xff],
    duration: 40,
    composition,
    sync: index === 0,
  })),
}
const AUDIO: PlainTrack = {
  id: 2,
  handler: 'soun',
  entries: [AAC_ENTRY],
  samples: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => ({ payload: [0x20 + index], duration: 20 })),
}

let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mp4-file-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function store(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${files++}`)
  await writeFile(path, bytes)
  return path
}

/** What is played of a file until so many tags have come. */
async function play(
  path: string,
  tagCount: number,
  onTag: (tag: PacedTag, index: number) => Promise<void> | void = () => {},
): Promise<PacedTag[]> {
  const file = new PacedFile({ path, loop: Number.isFinite(tagCount) }, new RushingClock())
  const tags: PacedTag[] = []
  await file.play(async (tag) => {
    await onTag(tag, tags.length)
    tags.push(tag)
    if (tags.length === tagCount) {
      file.stop()
    }
  })
  return tags
}

function hex({ body }: PacedTag): string {
  return Buffer.from(body).toString('hex')
}

describe('an MP4 file', () => {
  it('is played as FLV tags: metadata, sequence headers, then pictures and sound in order of time', async () => {
    const tags = await play(await store(encodeMp4([VIDEO, AUDIO])), Number.POSITIVE_INFINITY)
    const media = tags.map((tag) => `${tag.positionMs} ${tag.type === 18 ? 'metadata' : hex(tag)}`)
    expect(media.slice(0, 9)).toEqual([
      '0 metadata',
      `0 1700000000${'0142c00dffe100046742c00d01000468ce3c80'}`,
      '0 170100005000ff',
      '0 af001210',
      '0 af0120',
      '20 af0121',
      '40 27010000a001ff',
      '40 af0122',
      '60 af0123',
    ])
    expect(decodeAmf0(tags[0]?.body ?? new Uint8Array(0))).toEqual([
      'onMetaData',
      {
        width: 160,
        height: 90,
        framerate: 25,
        videocodecid: 7,
        audiosamplerate: 44_100,
        audiosamplesize: 16,
        stereo: true,
        audiocodecid: 10,
      },
    ])
  })

  it('becomes frames of a stream, round after round, sequence headers once', async () => {
    const path = await store(encodeMp4([VIDEO, AUDIO]))
    const clock = new RushingClock()
    const rig = new LiveRig(clock)
    const source = new FileSource(rig.live, { path, name: NAME }, clock)
    const sink = new FrameSink(() => {
      if (sink.frames.length === 150) {
        source.stop()
      }
    })
    rig.live.registry.open(NAME).attach(sink)
    const { ended, warnings } = await source.start()
    await ended
    const times = (kind: Frame['kind']): number[] =>
      sink.frames
        .filter((frame) => frame.kind === kind && !frame.sequenceHeader)
        .map(({ timestamp }) => timestamp)
    expect(warnings).toEqual([])
    expect(sink.frames.filter(({ sequenceHeader }) => sequenceHeader)).toHaveLength(2)
    expect(times('video')).toEqual(times('video').map((_, index) => index * 40))
    expect(times('audio')).toEqual(times('audio').map((_, index) => index * 20))
    expect(times('video').length).toBeGreaterThan(40)
  })

  it('with priming and a last frame that goes on behind the picture loses what would overlap, at each seam', async () => {
    const samples = Array.from({ length: 10 }, (_, index) => ({ payload: [0x20 + index], duration: 20 }))
    const audio = { ...AUDIO, samples, edits: [elst([160, 20])] }
    const video = { ...VIDEO, edits: [elst([160, 80])] }
    const tags = await play(await store(encodeMp4([video, audio])), 60)
    const sound = tags.filter(({ type, body }) => type === 8 && body[1] === 1)
    const steps = sound.slice(1).map(({ positionMs }, index) => positionMs - (sound[index]?.positionMs ?? 0))
    expect(new Set(steps)).toEqual(new Set([20]))
    const marks = sound.map(({ body }) => (body[2] ?? 0) - 0x20)
    // Frame 0 is priming: the first round has it, the others follow on the sound before. The edit ends behind frame 8.
    expect(marks.slice(0, 19)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2])
  })

  it('with thousands of samples for one moment leaves others their turns', async () => {
    const samples = Array.from({ length: 2000 }, () => ({ payload: [1], duration: 0, sync: true }))
    const path = await store(encodeMp4([{ ...VIDEO, samples }]))
    let turns = 0
    const count = (): void => {
      turns++
      immediate = setImmediate(count)
    }
    let immediate = setImmediate(count)
    let most = 0
    let turnsBefore = 0
    let row = 0
    await play(path, Number.POSITIVE_INFINITY, () => {
      row = turns === turnsBefore ? row + 1 : 1
      turnsBefore = turns
      most = Math.max(most, row)
    })
    clearImmediate(immediate)
    // A hundred in a row, and up to four such rows in one turn (`nextTurn`).
    expect(most).toBeLessThanOrEqual(400)
  })

  it('says which tracks are left out', async () => {
    const other = { ...VIDEO, id: 9, entries: [videoEntry('mp4v')] }
    const file = new PacedFile({ path: await store(encodeMp4([other, VIDEO])) })
    expect(await file.check()).toEqual([
      expect.stringMatching(/^track 9 \(vide\) is left out: .*mp4v \(MPEG-4 Visual\) is not supported$/),
    ])
  })

  it('that takes its place by renaming is played from the next round on', async () => {
    const path = await store(encodeMp4([VIDEO]))
    const samples = VIDEO.samples.map((sample) => ({ ...sample, payload: [7, 7, 7] }))
    const other = await store(encodeMp4([{ ...VIDEO, samples }]))
    const tags = await play(path, 30, async (_, index) => {
      if (index === 2) {
        await rename(other, path)
      }
    })
    const marks = tags.filter(({ type, body }) => type === 9 && body[1] === 1).map(({ body }) => body[5])
    // The next round was opened, and read ahead, when the first began.
    expect(marks.slice(0, 12)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 7, 7, 7, 7])
  })

  it('with fragments is played as far as it is whole, also while more is appended', async () => {
    const file = encodeMp4([VIDEO], box('mvex', trex(1)))
    const path = await store(Buffer.concat([file, Buffer.from([0, 0, 1])]))
    const tags = await play(path, Number.POSITIVE_INFINITY, async (_, index) => {
      if (index === 1) {
        await writeFile(path, Buffer.concat([file, new Uint8Array(500)]))
      }
    })
    expect(tags.filter(({ type }) => type === 9)).toHaveLength(5)
  })
})

describe('an MP4 file that cannot be played', () => {
  const whole = encodeMp4([VIDEO, AUDIO])
  const large = { payload: new Uint8Array(MAX_FLV_TAG_BYTES + 1), sync: true }

  it.each<[string, Uint8Array, RegExp]>([
    [
      'that is cut short',
      whole.subarray(0, 300),
      /'moov' at byte 16 .* the file ends at byte 300: it is cut short$/,
    ],
    [
      'whose media are cut short',
      whole.subarray(0, whole.length - 9),
      /track 2 has samples at byte \d+, and the file ends at byte \d+/,
    ],
    [
      'without a track that can be played',
      encodeMp4([{ ...VIDEO, entries: [videoEntry('apcn')] }]),
      /apcn \(ProRes\) is not supported\. FFmpeg makes/,
    ],
    [
      'of AAC whose configuration says nothing',
      encodeMp4([{ ...AUDIO, entries: [audioEntry('mp4a', esds(0x40, [0xff]))] }]),
      /the AudioSpecificConfig of its sound: need \d+ bits/,
    ],
  ])('%s is refused before anybody is told', async (_, bytes, reason) => {
    const path = await store(bytes)
    const rig = new LiveRig()
    const start = new FileSource(rig.live, { path, name: NAME }, new RushingClock()).start()
    await expect(start).rejects.toMatchObject({
      code: 'ERR_MEDIA_FILE',
      message: expect.stringMatching(reason),
    })
    await expect(start).rejects.toThrow(`${path} can't be played: `)
    expect(rig.told).toEqual([])
  })

  it('is no folder', async () => {
    const path = join(folder, 'a-folder.mp4')
    await mkdir(path)
    await expect(new PacedFile({ path }).check()).rejects.toMatchObject({
      code: 'ERR_MEDIA_FILE',
      message: `${path} can't be played: it is no regular file`,
    })
  })

  it('has a sample longer than MAX_FLV_TAG_BYTES, and is played up to there', async () => {
    const path = await store(encodeMp4([{ ...VIDEO, samples: [...VIDEO.samples, large] }]))
    let tags = 0
    const played = play(path, 99, () => {
      tags++
    })
    await expect(played).rejects.toMatchObject({ code: 'ERR_MEDIA_FILE' })
    await expect(played).rejects.toThrow(
      /the sample at byte \d+ is too long: 8388609 exceeds MAX_FLV_TAG_BYTES/,
    )
    expect(tags).toBe(2 + VIDEO.samples.length)
  })

  it('takes the place of another one, which is played to its end before the fault is told', async () => {
    const path = await store(encodeMp4([VIDEO]))
    const broken = await store(encodeMp4([{ ...VIDEO, samples: [large] }]))
    let tags = 0
    const played = play(path, 99, async (_, index) => {
      tags++
      if (index === 2) {
        await rename(broken, path)
      }
    })
    await expect(played).rejects.toThrow(/the sample at byte \d+ is too long/)
    // Two rounds of the first, and what the other has in front of its sample.
    expect(tags).toBe(2 * (2 + VIDEO.samples.length) + 2)
  })

  /** More than is read ahead. */
  function longFile(): Uint8Array {
    const samples = Array.from({ length: 100 }, (_, index) => ({
      payload: new Uint8Array(40_000).fill(index),
      duration: 100,
      sync: true,
    }))
    return encodeMp4([{ ...VIDEO, samples }])
  }

  it.each<[string, (path: string) => Promise<void>, RegExp]>([
    [
      'shortened',
      (path) => truncate(path, 500_000),
      /it was shortened while it was played: from \d{7} bytes to 500000; bytes \d+ to \d+ were to be read/,
    ],
    [
      'overwritten',
      (path) => writeFile(path, longFile(), { flag: 'r+' }),
      /it was changed while it was played, before byte \d+ was read/,
    ],
    ['touched', (path) => utimes(path, 1, 1), /it was changed while it was played/],
  ])('is %s while it is played', async (_, change, reason) => {
    const path = await store(longFile())
    let tags = 0
    const played = play(path, 99, async (_tag, index) => {
      tags++
      if (index === 3) {
        await change(path)
      }
    })
    await expect(played).rejects.toMatchObject({
      code: 'ERR_MEDIA_FILE',
      message: expect.stringMatching(reason),
    })
    expect(tags).toBeGreaterThan(3)
  })

  it('is gone when the next round is to begin: this one is played to its end', async () => {
    const path = await store(encodeMp4([VIDEO]))
    let tags = 0
    const played = play(path, 99, async () => {
      tags++
      await rm(path, { force: true })
    })
    await expect(played).rejects.toMatchObject({
      code: 'ERR_MEDIA_FILE',
      message: expect.stringMatching(/ENOENT/),
    })
    // The next round was open already.
    expect(tags).toBe(2 * (2 + VIDEO.samples.length))
  })
})

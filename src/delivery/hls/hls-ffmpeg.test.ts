import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import type { Frame } from '../../live/index.ts'
import { FlvTagReader, FlvTagType, parseAudioTagBody, parseVideoTagBody } from '../../media/index.ts'
import { HlsSegmenter } from './index.ts'

// FFmpeg is the judge: what it reads from the segments must be what it reads from the source.

const run = promisify(execFile)
/** The muxer's constant lead of time stamps before the clock, in ms. */
const LEAD_MS = 700
const END = { code: 'unpublished', message: 'done' } as const

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hls-test-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true })
})

const VIDEO = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25']
const AUDIO = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100']
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p']
const B_FRAMES = ['-bf', '2', '-b_strategy', '0', '-x264-params', 'bframes=2:scenecut=0']
const AAC = ['-c:a', 'aac', '-b:a', '64k']
const MP3 = ['-c:a', 'libmp3lame', '-b:a', '64k']

const sources: { name: string; input: string[]; codecs: string[]; tracks: string[]; segments: number }[] = [
  {
    name: 'H.264 with B-frames and AAC',
    input: [...VIDEO, ...AUDIO],
    codecs: [...H264, ...B_FRAMES, ...AAC],
    tracks: ['v', 'a'],
    segments: 3,
  },
  {
    name: 'H.264 and MP3',
    input: [...VIDEO, ...AUDIO],
    codecs: [...H264, ...MP3],
    tracks: ['v', 'a'],
    segments: 3,
  },
  { name: 'H.264 alone', input: VIDEO, codecs: [...H264, ...B_FRAMES], tracks: ['v'], segments: 3 },
  { name: 'AAC alone', input: AUDIO, codecs: AAC, tracks: ['a'], segments: 3 },
  { name: 'MP3 alone', input: AUDIO, codecs: MP3, tracks: ['a'], segments: 3 },
]

async function makeFlv(name: string, input: string[], codecs: string[]): Promise<string> {
  const path = join(directory, `${name}.flv`)
  const output = [...codecs, '-t', '5', '-flvflags', 'no_duration_filesize', path]
  await run('ffmpeg', ['-v', 'error', '-y', ...input, ...output])
  return path
}

async function readFrames(path: string): Promise<Frame[]> {
  const frames: Frame[] = []
  new FlvTagReader().push(await readFile(path), ({ type, timestampMs, body }) => {
    const common = { timestamp: ms(timestampMs), body, trackId: 0, description: false, nanosecondOffset: 0 }
    if (type === FlvTagType.video) {
      const { codec, keyframe, sequenceHeader, compositionOffset } = parseVideoTagBody(body)
      frames.push({ ...common, kind: 'video', compositionOffset, codec, keyframe, sequenceHeader })
    } else if (type === FlvTagType.audio) {
      const { codec, sequenceHeader } = parseAudioTagBody(body)
      const rest = { compositionOffset: ms(0), keyframe: false }
      frames.push({ ...common, kind: 'audio', ...rest, codec, sequenceHeader })
    }
  })
  return frames
}

/** Segments as files, their playlist, and all of them in one file. */
async function makeHls(frames: Frame[]): Promise<{ playlist: string; whole: string; files: string[] }> {
  const segmenter = new HlsSegmenter({ name: 'demo', options: { windowMs: 60_000 } })
  for (const frame of frames) {
    segmenter.onFrame(frame)
  }
  segmenter.onEnd(END)
  expect(segmenter.stats).toMatchObject({ framesDamaged: 0, framesUnsupported: 0 })
  const text = segmenter.playlist() ?? ''
  const names = text.split('\n').filter((line) => line.endsWith('.ts'))
  const contents = names.map((name) => segmenter.segment(name) ?? new Uint8Array())
  await Promise.all(names.map((name, index) => writeFile(join(directory, name), contents[index] ?? '')))
  const playlist = join(directory, 'demo.m3u8')
  const whole = join(directory, 'whole.ts')
  await Promise.all([writeFile(playlist, text), writeFile(whole, Buffer.concat(contents))])
  return { playlist, whole, files: names.map((name) => join(directory, name)) }
}

type Packet = { pts: number; dts: number; keyframe: boolean }

/** Time stamps in ms, as ffprobe reads them. */
async function probePackets(path: string, track: string): Promise<Packet[]> {
  const entries = ['-show_entries', 'packet=pts_time,dts_time,flags', '-of', 'csv=p=0']
  const { stdout, stderr } = await run('ffprobe', ['-v', 'error', '-select_streams', track, ...entries, path])
  expect(stderr).toBe('')
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [pts, dts, flags] = line.split(',')
      return {
        pts: Math.round(Number(pts) * 1000),
        dts: Math.round(Number(dts) * 1000),
        keyframe: flags?.startsWith('K') ?? false,
      }
    })
}

/** A hash per packet (audio, headers taken off) or per decoded picture (video). */
async function hashes(path: string, track: string, isTransportStream: boolean): Promise<string[]> {
  const unwrap = isTransportStream ? ['-bsf:a', 'aac_adtstoasc'] : []
  const codec = track === 'v' ? ['-fps_mode', 'passthrough'] : ['-c:a', 'copy', ...unwrap]
  const args = ['-v', 'error', '-i', path, '-map', `0:${track}`, ...codec, '-f', 'framehash', '-']
  const { stdout, stderr } = await run('ffmpeg', args)
  expect(stderr).toBe('')
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',')[5]?.trim() ?? '')
}

describe('HLS segments as FFmpeg reads them', () => {
  it.each(sources)('hold all of $name, at its times', async ({ name, input, codecs, tracks, segments }) => {
    const source = await makeFlv(name, input, codecs)
    const { playlist, whole, files } = await makeHls(await readFrames(source))
    expect(files).toHaveLength(segments)
    const isAac = codecs.includes('aac')
    const [first] = await probePackets(source, tracks[0] ?? '')
    for (const track of tracks) {
      const all = await probePackets(source, track)
      // Audio ahead of the first picture is left out.
      const sent = all.filter(({ dts }) => dts >= (first?.dts ?? 0))
      const received = await probePackets(whole, track)
      expect(sent.length).toBeGreaterThan(100)
      expect(received.map(({ pts }) => pts - LEAD_MS)).toEqual(sent.map(({ pts }) => pts))
      expect(received.map(({ dts }) => dts - LEAD_MS)).toEqual(sent.map(({ dts }) => dts))
      expect(received.map(({ keyframe }) => keyframe)).toEqual(sent.map(({ keyframe }) => keyframe))
      const sentHashes = (await hashes(source, track, false)).slice(all.length - sent.length)
      expect(await hashes(whole, track, track === 'a' && isAac)).toEqual(sentHashes)
    }
    // By its playlist, and each segment alone, without a complaint.
    const { stderr } = await run('ffmpeg', ['-v', 'warning', '-i', playlist, '-f', 'null', '-'])
    expect(stderr).toBe('')
    for (const file of files) {
      const [begin] = await probePackets(file, tracks[0] ?? '')
      expect(begin?.keyframe).toBe(true)
    }
  })

  it('say in the playlist how long they are', async () => {
    const source = await makeFlv('times', [...VIDEO, ...AUDIO], [...H264, ...B_FRAMES, ...AAC])
    const { playlist, files } = await makeHls(await readFrames(source))
    const text = await readFile(playlist, 'utf8')
    const durations = [...text.matchAll(/^#EXTINF:([\d.]+),$/gm)].map(([, value]) => Number(value) * 1000)
    const starts = await Promise.all(files.map(async (file) => (await probePackets(file, 'v'))[0]?.dts ?? 0))
    const last = starts.pop()
    const next = [...starts.slice(1), last ?? 0]
    expect(durations.slice(0, -1)).toEqual(starts.map((start, index) => (next[index] ?? 0) - start))
    expect(text).toContain('#EXT-X-TARGETDURATION:2\n')
    expect(text.endsWith('#EXT-X-ENDLIST\n')).toBe(true)
  })

  it('go on over the wrap of the 33-bit clock', async () => {
    const source = await makeFlv('wrap', [...VIDEO, ...AUDIO], [...H264, ...B_FRAMES, ...AAC])
    // The stamps wrap in the middle of the five seconds.
    const shift = Math.floor(2 ** 33 / 90) - LEAD_MS - 2500
    const frames = (await readFrames(source)).map((frame) => ({
      ...frame,
      timestamp: ms(frame.timestamp + shift),
    }))
    const { whole } = await makeHls(frames)
    for (const track of ['v', 'a']) {
      const sent = await probePackets(source, track)
      const received = await probePackets(whole, track)
      const [firstSent] = sent
      const [firstReceived] = received
      const sentSteps = sent.map(({ pts }) => pts - (firstSent?.pts ?? 0))
      const receivedSteps = received.map(({ pts }) => pts - (firstReceived?.pts ?? 0))
      expect(receivedSteps).toEqual(sentSteps)
      expect(await hashes(whole, track, track === 'a')).toEqual(await hashes(source, track, false))
    }
  })
})

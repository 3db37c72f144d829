import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { startTool } from '../support/ffmpeg.ts'
import { FileScope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { describeTag, readTags, type Tag, type TagList } from '../support/tags.ts'

const SECONDS = 6

const fileScope = new FileScope()
let source: TagList
let file: string
beforeAll(async () => {
  const inputs = [...videoInput('320x180'), ...audioInput]
  file = await makeFlv(
    await mediaFolder(fileScope),
    'source',
    [...inputs, ...h264({ gop: 25 }), ...aac],
    SECONDS,
  )
  source = await readTags(file)
})
afterAll(() => fileScope.clean())

/** The stream's frames up to the sound with that hash. */
async function framesUntil(stream: AsyncIterable<Frame>, hash: string | undefined): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of stream) {
    frames.push(frame)
    if (frame.kind === 'audio' && describeTag('audio', 0, frame.body).hash === hash) {
      break
    }
  }
  return frames
}

function mediaOf(frames: readonly Frame[], kind: 'audio' | 'video'): Tag[] {
  return frames
    .filter((frame) => frame.kind === kind)
    .map(({ timestamp, body }) => describeTag(kind, timestamp, body))
    .filter(({ isMedia }) => isMedia)
}

it.each([
  ['2^24 ms, where extended timestamps begin', 2 ** 24],
  ['2^31 ms, where its clock wraps: it has 31 bits', 2 ** 31],
])('FFmpeg passes %s, and every frame is in its place', async (_name, boundary) => {
  const scope = new FileScope()
  try {
    const { server, rtmpUrl } = await startServer(scope)
    const offset = ['-output_ts_offset', `${(boundary - 3_000) / 1000}`]
    const args = ['-v', 'error', '-i', file, '-c', 'copy', ...offset, '-f', 'flv', `${rtmpUrl}/live/late`]
    const publisher = startTool(scope, 'ffmpeg', args)
    const frames = await framesUntil(server.frames('live/late'), source.media('audio').at(-1)?.hash)
    await publisher.succeeded()
    // FFmpeg may shift all by the delay of its B-frames; audio and video by the same.
    const shift = (mediaOf(frames, 'video')[0]?.dts ?? 0) - (source.media('video')[0]?.dts ?? 0)
    for (const kind of ['audio', 'video'] as const) {
      const got = mediaOf(frames, kind)
      // The last pictures may come behind the last sound.
      const sent = source.media(kind).slice(0, got.length)
      expect(got.length).toBeGreaterThan((SECONDS - 1) * 25)
      expect(got.map(({ hash }) => hash)).toEqual(sent.map(({ hash }) => hash))
      expect(got.map(({ dts }) => dts - shift)).toEqual(sent.map(({ dts }) => dts))
      expect(got[0]?.dts).toBeLessThan(boundary - 2_000)
      expect(got.at(-1)?.dts).toBeGreaterThan(boundary + 2_000)
    }
  } finally {
    await scope.clean()
  }
})

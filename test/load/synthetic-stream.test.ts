import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SyntheticMedia, type SyntheticPacket, SyntheticStream } from '../../src/load/synthetic-stream.ts'
import {
  encodeFlvFileHeader,
  FlvTagType,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../../src/media/index.ts'
import { runTool } from '../support/ffmpeg.ts'
import { mediaFolder } from '../support/sources.ts'

const FRAMES = 90

function toTag({ kind, timestampMs, body }: SyntheticPacket): Uint8Array {
  const type = FlvTagType[kind === 'data' ? 'script' : kind]
  const bytes = new Uint8Array(11 + body.length + 4)
  writeFlvTagHeader(bytes, 0, type, body.length, timestampMs)
  bytes.set(body, 11)
  writeFlvPreviousTagSize(bytes, 11 + body.length, body.length)
  return bytes
}

it('FFmpeg decodes every frame of a synthetic stream without complaint', async (scope) => {
  const media = new SyntheticMedia({ bitrate: 500_000, framesPerSecond: 30, gopFrames: 40, audio: true })
  const stream = new SyntheticStream(media)
  const prelude = media.prelude().filter(({ kind }) => kind !== 'data')
  const tags = [encodeFlvFileHeader({ hasAudio: true, hasVideo: true }), ...prelude.map(toTag)]
  let audioFrames = 0
  while (stream.dueMs < (FRAMES * 1000) / 30) {
    const packet = stream.next(0)
    audioFrames += packet.kind === 'audio' ? 1 : 0
    tags.push(toTag(packet))
  }
  const file = join(await mediaFolder(scope), 'synthetic.flv')
  await writeFile(file, Buffer.concat(tags))
  await runTool('ffmpeg', [
    '-v',
    'warning',
    '-xerror',
    '-err_detect',
    'explode',
    '-i',
    file,
    '-f',
    'null',
    '-',
  ])
  const entries = 'stream=codec_name,width,height,sample_rate,nb_read_frames'
  const probe = ['-v', 'error', '-count_frames', '-show_entries', entries, '-of', 'json', file]
  expect(JSON.parse(await runTool('ffprobe', probe))).toMatchObject({
    streams: [
      { codec_name: 'h264', width: 320, height: 240, nb_read_frames: `${FRAMES}` },
      { codec_name: 'aac', sample_rate: '48000', nb_read_frames: `${audioFrames}` },
    ],
  })
})

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from './ffmpeg.ts'
import { box } from './mp4.ts'
import { aac, audioInput, h264, videoInput } from './sources.ts'

/** Frames a second of the video of `makeMp4Files`. */
export const MP4_FRAME_RATE = 25

const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-b:v', '100k']
const HEVC_OPTIONS = ['-x265-params', 'log-level=none:keyint=25:bframes=2:pools=1', '-tag:v', 'hvc1']

/** How FFmpeg writes an MP4: its tables behind the media, in front of them, or in fragments. */
export type Mp4Layout = 'tables-behind' | 'faststart' | 'fragments' | 'fragments-apart'

const LAYOUTS: Readonly<Record<Mp4Layout, readonly string[]>> = {
  'tables-behind': [],
  faststart: ['-movflags', 'faststart'],
  fragments: ['-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
  'fragments-apart': ['-movflags', 'frag_keyframe+separate_moof+delay_moov'],
}

/** Makes an MP4 with FFmpeg, 160x90 at 25 frames a second, B-frames among them, with AAC; returns its path. */
export async function makeMp4(folder: string, codec: 'avc' | 'hevc', seconds = 1): Promise<string> {
  const path = join(folder, `${codec}.mp4`)
  const video = codec === 'avc' ? h264({ gop: 25, bitRate: '100k' }) : [...HEVC, ...HEVC_OPTIONS]
  const input = [...videoInput('160x90'), ...audioInput]
  await runTool('ffmpeg', ['-v', 'error', '-y', ...input, ...video, ...aac, '-t', `${seconds}`, path])
  return path
}

/** The same media in another layout; returns its path. */
export async function remuxMp4(path: string, layout: Mp4Layout): Promise<string> {
  const copy = path.replace(/\.mp4$/, `-${layout}.mp4`)
  await runTool('ffmpeg', ['-v', 'error', '-y', '-i', path, '-c', 'copy', ...LAYOUTS[layout], copy])
  return copy
}

/** An MP4 whose tables are behind its media, with another edit list for its first track; returns its path. */
export async function withEdits(path: string, name: string, edits: Uint8Array): Promise<string> {
  const copy = path.replace(/\.mp4$/, `-${name}.mp4`)
  await writeFile(copy, replaceEdits(await readFile(path), edits))
  return copy
}

/** Of a file or of a box: the edit list is in the first track of the movie. */
function replaceEdits(boxes: Buffer, edits: Uint8Array): Buffer {
  const parts: Uint8Array[] = []
  let isDone = false
  for (let at = 0; at < boxes.length; ) {
    const size = boxes.readUInt32BE(at)
    const type = boxes.toString('latin1', at + 4, at + 8)
    const payload = boxes.subarray(at + 8, at + size)
    if (type === 'edts') {
      parts.push(box('edts', edits))
    } else if ((type === 'moov' || type === 'trak') && !isDone) {
      isDone = true
      parts.push(box(type, replaceEdits(payload, edits)))
    } else {
      parts.push(boxes.subarray(at, at + size))
    }
    at += size
  }
  return Buffer.concat(parts)
}

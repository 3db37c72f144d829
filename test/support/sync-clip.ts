import { join } from 'node:path'
import { runTool } from './ffmpeg.ts'

/** How long each flash and each tone of the clip last, s; they begin together, once a second. */
const MARK_SECONDS = 0.2

/** What a clip is to be like. */
export type SyncClip = Readonly<{
  /** How long. */
  seconds: number
  /** Of its pictures, e.g. '160x90'. */
  size: string
  /** Options of FFmpeg for its sound. */
  audio: readonly string[]
  /** Of its file, without the extension. Default 'sync'. */
  name?: string
}>

/**
 * Makes a clip by which can be seen whether audio and video are together: dark pictures with a white one and a tone at each full second.
 * H.264, and MP3 or what else is asked for, in FLV.
 * @returns its path in `folder`
 */
export async function makeSyncClip(
  folder: string,
  { seconds, size, audio, name = 'sync' }: SyncClip,
): Promise<string> {
  const path = join(folder, `${name}.flv`)
  const mark = `lt(mod(t,1),${MARK_SECONDS})`
  const video = `color=c=0x101010:s=${size}:r=25,drawbox=c=white:t=fill:enable='${mark}'`
  const tone = `aevalsrc='if(${mark},0.8*sin(2*PI*1000*t),0)':s=44100`
  await runTool('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    video,
    '-f',
    'lavfi',
    '-i',
    tone,
    '-t',
    String(seconds),
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '10',
    '-pix_fmt',
    'yuv420p',
    ...audio,
    '-y',
    path,
  ])
  return path
}

/** When the flashes and the tones of a recording begin, s. */
export async function marksOf(path: string): Promise<Readonly<{ flashes: number[]; tones: number[] }>> {
  const read = (...filter: string[]): Promise<string> =>
    runTool('ffmpeg', ['-v', 'error', '-copyts', '-i', path, ...filter, '-f', 'null', '-'])
  const [video, audio] = await Promise.all([
    read('-an', '-vf', 'signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-'),
    read(
      '-vn',
      '-af',
      'asetnsamples=256,astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-',
    ),
  ])
  return { flashes: beginningsOf(video, 128), tones: beginningsOf(audio, -20) }
}

/** When a value goes beyond a threshold. */
function beginningsOf(text: string, threshold: number): number[] {
  const values = text.matchAll(/pts_time:(\S+)\n\S+=(\S+)/g)
  const beginnings: number[] = []
  let wasAbove = true
  for (const [, time, value] of values) {
    const isAbove = Number(value) > threshold
    if (isAbove && !wasAbove) {
      beginnings.push(Number(time))
    }
    wasAbove = isAbove
  }
  return beginnings
}

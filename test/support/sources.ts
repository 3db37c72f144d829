import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from './ffmpeg.ts'
import type { Scope } from './server.ts'

/** A video for FFmpeg's lavfi: moving, and with noise, so that no two frames are coded alike. */
export function videoInput(size: string, noise = 8): string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25,noise=alls=${noise}:allf=t`]
}

/** A sound for FFmpeg's lavfi; no two frames are coded alike. */
export const audioInput: readonly string[] = [
  '-f',
  'lavfi',
  '-i',
  'anoisesrc=amplitude=0.2:sample_rate=44100',
]

/** H.264 with B-frames; a keyframe each `gop` frames and nowhere else. */
export function h264({ gop, bitRate = '400k' }: { gop: number; bitRate?: string }): string[] {
  const rate = ['-b:v', bitRate, '-maxrate', bitRate, '-bufsize', bitRate]
  const frames = ['-g', `${gop}`, '-keyint_min', `${gop}`, '-bf', '2', '-x264-params', 'b-adapt=0:scenecut=0']
  return ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...rate, ...frames]
}

/** AAC, 64 kbit/s. */
export const aac: readonly string[] = ['-c:a', 'aac', '-b:a', '64k']

/** A folder for media files, removed after the test. */
export async function mediaFolder(scope: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simple-rtmp-server-'))
  scope.onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Makes an FLV file of so many seconds and returns its path. */
export async function makeFlv(
  folder: string,
  name: string,
  args: readonly string[],
  seconds: number,
): Promise<string> {
  const path = join(folder, `${name}.flv`)
  await runTool('ffmpeg', ['-v', 'error', '-y', ...args, '-t', `${seconds}`, path])
  return path
}

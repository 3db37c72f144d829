import { chmod } from 'node:fs/promises'
import { startTool, type Tool, type ToolOptions, type ToolProcess } from './ffmpeg.ts'
import { FfmpegPlayer, type FfmpegPlayerOptions } from './packets.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'

/** The elements by which GStreamer publishes: one is librtmp, the other GStreamer's own. */
export type GstreamerSink = 'rtmpsink' | 'rtmp2sink'

/** The elements by which GStreamer plays. */
export type GstreamerSource = 'rtmpsrc' | 'rtmp2src'

/** Publishes an FLV file as it is, in real time; ended after the test. */
export function publishWithGstreamer(
  scope: Scope,
  sink: GstreamerSink,
  file: string,
  url: string,
): ToolProcess {
  const read = ['filesrc', `location=${file}`, '!', 'flvdemux', 'name=demux']
  const write = ['flvmux', 'name=mux', 'streamable=true', '!', sink, 'sync=true', `location=${url}`]
  const tracks = ['video', 'audio'].flatMap((track) => [`demux.${track}`, '!', 'queue', '!', `mux.${track}`])
  return startTool(scope, 'gst-launch-1.0', ['--quiet', ...read, ...write, ...tracks])
}

/** GStreamer as a player: FFmpeg decodes and tells what it gets. */
export function playWithGstreamer(scope: Scope, source: GstreamerSource, url: string): FfmpegPlayer {
  return judge(scope, 'gst-launch-1.0', ['--quiet', source, `location=${url}`, '!', 'fdsink', 'fd=1'])
}

/** librtmp as a player: FFmpeg decodes and tells what it gets. */
export function playWithRtmpdump(scope: Scope, url: string): FfmpegPlayer {
  return judge(scope, 'rtmpdump', ['--quiet', '--live', '-r', url])
}

const QUIET_VLC = ['--quiet', '--no-color', '--intf', 'dummy']

/** Publishes a file with what VLC makes of its packets, in real time; ended after the test. */
export async function publishWithVlc(scope: Scope, file: string, url: string): Promise<ToolProcess> {
  const output = `#std{access=avio,mux=ffmpeg{mux=flv},dst=${url}}`
  return startTool(scope, 'cvlc', [...QUIET_VLC, file, '--sout', output, 'vlc://quit'], {
    env: { HOME: await makeHome(scope) },
  })
}

/** VLC as a player: FFmpeg decodes and tells what VLC makes of what it gets. */
export async function playWithVlc(
  scope: Scope,
  url: string,
  options: Omit<FfmpegPlayerOptions, 'url' | 'inputArgs'>,
): Promise<FfmpegPlayer> {
  const args = [...QUIET_VLC, url, '--sout', '#std{access=file,mux=ffmpeg{mux=flv},dst=-}']
  return judge(scope, 'cvlc', args, { env: { HOME: await makeHome(scope) } }, options)
}

/** A folder that VLC may write to, whoever it runs as. */
export async function makeHome(scope: Scope): Promise<string> {
  const home = await mediaFolder(scope)
  await chmod(home, 0o777)
  return home
}

/** Has FFmpeg play the FLV stream that a program writes to its standard output. */
function judge(
  scope: Scope,
  tool: Tool,
  args: readonly string[],
  toolOptions: ToolOptions = {},
  options: Omit<FfmpegPlayerOptions, 'url' | 'inputArgs'> = {},
): FfmpegPlayer {
  const player = new FfmpegPlayer(scope, { ...options, url: 'pipe:0', inputArgs: ['-f', 'flv'] })
  const { stdin } = player.process
  const client = startTool(scope, tool, args, { ...toolOptions, onBytes: (bytes) => stdin.write(bytes) })
  client.exited.finally(() => stdin.end()).catch(() => {})
  return player
}

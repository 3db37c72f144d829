import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { REPOSITORY } from './files.ts'

/** A program that tests run and `npm ci` does not bring. */
export type Tool = Readonly<{
  /** The name tests know it by. */
  name: string
  /** Commands to try, in this order. */
  commands: readonly string[]
  /** Arguments that make it say that it works; none if it is enough that it is there (VLC says nothing to root). */
  probe: readonly string[]
  /** What it must say then; by default it must only end without an error. */
  expect?: RegExp
  /** The Debian package that has it, several separated by a space; or a folder of ours with an npm package of its own. */
  from: Readonly<{ apt: string }> | Readonly<{ npm: string }>
  /** The environment variable that may name another program to use in its place. */
  variable?: string
}>

/** FFmpeg 8 as a script for Node: its libraries as npm has them, which the system's packages do not yet. */
export const FFMPEG8_SCRIPT: string = join(REPOSITORY, 'test', 'ffmpeg8', 'main.js')

/** node-media-server as a script for Node; the bench measures beside it, and tests relay to it and from it. */
export const NODE_MEDIA_SERVER_SCRIPT: string = join(REPOSITORY, 'bench', 'node-media-server', 'start.js')

/** Where Debian has the module that makes nginx an RTMP server. */
export const NGINX_RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

/** Every program the tests need. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'ffmpeg',
    commands: ['ffmpeg'],
    probe: ['-hide_banner', '-h', 'encoder=libx264'],
    expect: /^Encoder libx264/m,
    from: { apt: 'ffmpeg' },
  },
  { name: 'ffprobe', commands: ['ffprobe'], probe: ['-version'], from: { apt: 'ffmpeg' } },
  { name: 'ffplay', commands: ['ffplay'], probe: ['-version'], from: { apt: 'ffmpeg' } },
  { name: 'openssl', commands: ['openssl'], probe: ['version'], from: { apt: 'openssl' } },
  { name: 'cvlc', commands: ['cvlc'], probe: [], from: { apt: 'vlc-bin vlc-plugin-base' } },
  { name: 'rtmpdump', commands: ['rtmpdump'], probe: ['-h'], from: { apt: 'rtmpdump' } },
  {
    name: 'gst-launch-1.0',
    commands: ['gst-launch-1.0'],
    probe: ['--version'],
    from: { apt: 'gstreamer1.0-tools gstreamer1.0-plugins-base' },
  },
  {
    name: 'flvmux of GStreamer',
    commands: ['gst-inspect-1.0'],
    probe: ['--exists', 'flvmux'],
    from: { apt: 'gstreamer1.0-plugins-good' },
  },
  {
    name: 'rtmp2sink of GStreamer',
    commands: ['gst-inspect-1.0'],
    probe: ['--exists', 'rtmp2sink'],
    from: { apt: 'gstreamer1.0-plugins-bad' },
  },
  // OBS without a screen needs a screen that is not there, a bus, and OpenGL in software.
  { name: 'obs', commands: ['obs'], probe: [], from: { apt: 'obs-studio obs-plugins libgl1-mesa-dri' } },
  { name: 'Xvfb', commands: ['Xvfb'], probe: [], from: { apt: 'xvfb' } },
  {
    name: 'dbus-run-session',
    commands: ['dbus-run-session'],
    probe: ['--version'],
    from: { apt: 'dbus-x11' },
  },
  { name: 'ip', commands: ['ip'], probe: ['-V'], from: { apt: 'iproute2' } },
  {
    name: 'nginx-rtmp',
    commands: ['test'],
    probe: ['-e', NGINX_RTMP_MODULE],
    from: { apt: 'nginx libnginx-mod-rtmp' },
  },
  {
    name: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    probe: ['--version'],
    from: { apt: 'chromium' },
    variable: 'CHROMIUM_PATH',
  },
  {
    name: 'ffmpeg8',
    commands: [process.execPath],
    probe: [FFMPEG8_SCRIPT, 'version'],
    expect: /^8\./,
    from: { npm: 'test/ffmpeg8' },
  },
  {
    name: 'node-media-server',
    commands: [process.execPath],
    probe: [NODE_MEDIA_SERVER_SCRIPT, '--version'],
    expect: /^4\./,
    from: { npm: 'bench/node-media-server' },
  },
]

/** The command that installs npm packages of a folder as its lock file names them; none of their scripts runs. */
export function npmInstall(folder: string): readonly [string, ...string[]] {
  return ['npm', 'ci', '--ignore-scripts', '--prefix', folder]
}

/** The command by which a person installs a tool. */
export function howToInstall(name: string): string {
  const tool = toolNamed(name)
  return 'npm' in tool.from
    ? npmInstall(tool.from.npm).join(' ')
    : `apt-get install --no-install-recommends ${tool.from.apt}`
}

/**
 * The command that runs a tool here: the one its environment variable names or the first that works.
 * @returns null if there is none
 */
export function findTool(name: string): string | null {
  const tool = toolNamed(name)
  const chosen = tool.variable === undefined ? undefined : process.env[tool.variable]
  const commands = chosen === undefined || chosen === '' ? tool.commands : [chosen]
  return commands.find((command) => works(command, tool)) ?? null
}

function toolNamed(name: string): Tool {
  const tool = TOOLS.find((each) => each.name === name)
  if (tool === undefined) {
    throw new Error(`no tool has the name '${name}'`)
  }
  return tool
}

function works(command: string, tool: Tool): boolean {
  if (tool.probe.length === 0) {
    return spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0
  }
  const { status, stdout, error } = spawnSync(command, tool.probe, { encoding: 'utf8', timeout: 30_000 })
  return error === undefined && status === 0 && (tool.expect?.test(stdout) ?? true)
}

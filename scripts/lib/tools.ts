import { spawnSync } from 'node:child_process'

/** A program that tests run and npm does not bring. */
export type Tool = Readonly<{
  /** The name tests know it by. */
  name: string
  /** Commands to try, in this order. */
  commands: readonly string[]
  /** Arguments that make it say that it works; none if it is enough that it is there (VLC says nothing to root). */
  probe: readonly string[]
  /** What it must say then; by default it must only end without an error. */
  expect?: RegExp
  /** The Debian package that has it; several are separated by a space. */
  package: string
  /** The environment variable that may name another program to use in its place. */
  variable?: string
}>

/** Every program the tests need. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'ffmpeg',
    commands: ['ffmpeg'],
    probe: ['-hide_banner', '-h', 'encoder=libx264'],
    expect: /^Encoder libx264/m,
    package: 'ffmpeg',
  },
  { name: 'ffprobe', commands: ['ffprobe'], probe: ['-version'], package: 'ffmpeg' },
  { name: 'ffplay', commands: ['ffplay'], probe: ['-version'], package: 'ffmpeg' },
  { name: 'cvlc', commands: ['cvlc'], probe: [], package: 'vlc-bin vlc-plugin-base' },
  { name: 'rtmpdump', commands: ['rtmpdump'], probe: ['-h'], package: 'rtmpdump' },
  {
    name: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    probe: ['--version'],
    package: 'chromium',
    variable: 'CHROMIUM_PATH',
  },
]

/**
 * The command that runs a tool here: the one its environment variable names or the first that works.
 * @returns null if there is none
 */
export function findTool(name: string): string | null {
  const tool = TOOLS.find((each) => each.name === name)
  if (tool === undefined) {
    throw new Error(`no tool has the name '${name}'`)
  }
  const chosen = tool.variable === undefined ? undefined : process.env[tool.variable]
  const commands = chosen === undefined || chosen === '' ? tool.commands : [chosen]
  return commands.find((command) => works(command, tool)) ?? null
}

function works(command: string, tool: Tool): boolean {
  if (tool.probe.length === 0) {
    return spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0
  }
  const { status, stdout, error } = spawnSync(command, tool.probe, { encoding: 'utf8', timeout: 30_000 })
  return error === undefined && status === 0 && (tool.expect?.test(stdout) ?? true)
}

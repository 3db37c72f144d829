import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { FFMPEG8_SCRIPT, howToInstall } from '../../scripts/lib/tools.ts'
import type { Scope } from './server.ts'

/** The programs that judge; scripts/lib/tools.ts says where each comes from. */
export type Tool = 'cvlc' | 'ffmpeg' | 'ffmpeg8' | 'ffprobe' | 'gst-launch-1.0' | 'rtmpdump'

/** How a program ended. */
export type Exit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>

/** Where the output on file descriptor 1 and, for a second one, 3 goes. */
export type ToolOutputs = readonly ((text: string) => void)[]

/** How a program is started. */
export type ToolOptions = Readonly<{
  /** Takes its output as text; none by default. */
  outputs?: ToolOutputs
  /** Takes what it writes to standard output as bytes, in place of `outputs`. */
  onBytes?: (bytes: Buffer) => void
  /** Whether it reads what is written to `stdin`; default false. */
  withInput?: boolean
  /** What its environment has besides ours. */
  env?: Readonly<Record<string, string>>
}>

/** A program that runs. */
export class ToolProcess {
  /** Resolves when it has ended and its outputs are read. */
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  readonly #tool: Tool
  #stderr = ''
  #exit: Exit | null = null

  /** Use `startTool`. */
  constructor(tool: Tool, args: readonly string[], options: ToolOptions) {
    const { outputs = [], onBytes, withInput = false, env = {} } = options
    this.#tool = tool
    const pipes = onBytes === undefined ? outputs.map(() => 'pipe' as const) : ['pipe' as const]
    const [first = 'ignore', second = 'ignore'] = pipes
    const stdio = [withInput ? 'pipe' : 'ignore', first, 'pipe', second] as const
    const [command, ...commandArgs] = [...commandOf(tool), ...args] as [string, ...string[]]
    this.#child = spawn(command, commandArgs, { stdio: [...stdio], env: { ...process.env, ...env } })
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        const missing = `${tool} is missing: ${howToInstall(tool)}`
        reject(error.code === 'ENOENT' ? new Error(missing, { cause: error }) : error)
      })
      this.#child.once('close', (code, signal) => {
        this.#exit = { code, signal }
        resolve(this.#exit)
      })
    })
    // Who waits for it gets the rejection; that nobody waits is no fault.
    this.exited.catch(() => {})
    for (const [index, take] of outputs.entries()) {
      const stream = this.#child.stdio[index === 0 ? 1 : 3] as Readable | null
      stream?.setEncoding('utf8').on('data', take)
    }
    if (onBytes !== undefined) {
      this.#child.stdout?.on('data', onBytes)
    }
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    // A program may end before it has read everything.
    this.#child.stdin?.on('error', () => {})
  }

  /** What it wrote to standard error so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** How it ended; null while it runs. */
  get exit(): Exit | null {
    return this.#exit
  }

  /** Its standard input, if it was started with one. */
  get stdin(): NonNullable<ChildProcess['stdin']> {
    if (this.#child.stdin === null) {
      throw new Error(`${this.#tool} was started without an input`)
    }
    return this.#child.stdin
  }

  /** Waits for its end. @throws Error if it failed or complained */
  async succeeded(): Promise<void> {
    const { code, signal } = await this.exited
    if (code !== 0 || this.#stderr !== '') {
      throw new Error(`${this.#tool} ended with ${code ?? signal}: ${this.#stderr}`)
    }
  }

  /** Sends a signal to this very process. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it, however it is, and waits for that. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited.catch(() => {})
  }
}

/** VLC refuses to be root: it runs as nobody then. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

function commandOf(tool: Tool): string[] {
  switch (tool) {
    case 'ffmpeg8':
      return [process.execPath, FFMPEG8_SCRIPT]
    case 'cvlc':
      return process.getuid?.() === 0 ? [...AS_NOBODY, tool] : [tool]
    default:
      return [tool]
  }
}

/** Starts a program; it is ended after the test. */
export function startTool(
  scope: Scope,
  tool: Tool,
  args: readonly string[],
  options: ToolOptions = {},
): ToolProcess {
  const process = new ToolProcess(tool, args, options)
  scope.onTestFinished(() => process.end())
  return process
}

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output
 * @throws Error if it failed or complained: with FFmpeg's `-v error`, anything on standard error is a complaint
 */
export async function runTool(tool: Tool, args: readonly string[]): Promise<string> {
  let stdout = ''
  const keep = (text: string): void => {
    stdout += text
  }
  const process = new ToolProcess(tool, args, { outputs: [keep] })
  await process.succeeded()
  return stdout
}

/** Publishes a file as it is, in real time, as an encoder would. */
export function publishWithFfmpeg(scope: Scope, file: string, url: string): ToolProcess {
  return startTool(scope, 'ffmpeg', ['-v', 'error', '-re', '-i', file, '-c', 'copy', '-f', 'flv', url])
}

/** How much of a file is published before it is held back. */
const SHARE_BEFORE_HOLD = 0.4

/** A publisher that holds back. */
export type HeldPublisher = Readonly<{
  /** Its program. */
  publisher: ToolProcess
  /** Lets it go on, to so much of its file; to the end by default. */
  goOn: (share?: number) => void
}>

/**
 * Publishes an FLV file as `publishWithFfmpeg` does, but holds back after a part of it, until it is told to go on: so players are in
 * time, however slowly their programs start. The server must bear a publisher that is silent meanwhile.
 * @param urls one, or several that get the same
 * @param options how much of the file comes before that, and how many times as fast as it plays
 */
export async function publishWithHold(
  scope: Scope,
  file: string,
  urls: string | readonly string[],
  { share = SHARE_BEFORE_HOLD, rate = 1 }: Readonly<{ share?: number; rate?: number }> = {},
): Promise<HeldPublisher> {
  const bytes = await readFile(file)
  // By itself FFmpeg would look at more than that part where one track is alone.
  const input = ['-readrate', `${rate}`, '-f', 'flv', '-analyzeduration', '1000000', '-i', 'pipe:0']
  const output =
    typeof urls === 'string'
      ? ['-f', 'flv', urls]
      : ['-f', 'tee', urls.map((url) => `[f=flv]${url}`).join('|')]
  const args = ['-v', 'error', ...input, '-map', '0', '-c', 'copy', ...output]
  const publisher = startTool(scope, 'ffmpeg', args, { withInput: true })
  let written = 0
  const goOn = (to = 1): void => {
    const end = Math.floor(bytes.length * to)
    publisher.stdin.write(bytes.subarray(written, end))
    written = end
    if (to === 1) {
      publisher.stdin.end()
    }
  }
  goOn(share)
  return { publisher, goOn }
}

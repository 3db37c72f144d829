import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { type Logger, toError } from '../../base/index.ts'
import { type FfmpegBuild, MIN_FFMPEG_VERSION, readFfmpegBuild } from './ffmpeg-build.ts'
import type { RunningProcess, StartProcess } from './program-process.ts'

/** How long FFmpeg has to say what it is, ms; then it is used as it is. */
export const FFMPEG_ANSWER_TIMEOUT_MS = 5000

/** What is read of what it says, bytes; the list of its encoders has about 20 KiB. */
export const MAX_FFMPEG_ANSWER_BYTES: number = 1024 * 1024

/** What is looked for in `PATH`. */
const NAME = 'ffmpeg'

/** How it is installed, for people. */
const INSTALL = process.platform === 'darwin' ? 'brew install ffmpeg' : 'apt-get install ffmpeg'

/** An FFmpeg that can be run. */
export type FoundFfmpeg = FfmpegBuild & Readonly<{ /** Where it is. */ path: string }>

/** What can be run, or why nothing can. */
export type FfmpegAnswer = Readonly<{ path: string }> | Readonly<{ problem: string }>

/** What a finder is made with. */
export type FfmpegFinderSetup = Readonly<{
  /** Starts it, to ask it. */
  start: StartProcess
  /** Told once of each path that is not used. */
  logger: Logger
  /** Folders in which programs are. Default: those of `PATH`. */
  folders?: () => readonly string[]
  /** Default `FFMPEG_ANSWER_TIMEOUT_MS`. */
  timeoutMs?: number
}>

/** Knows which FFmpeg there is: asks each once what it is, and again when its file has changed. */
export class FfmpegFinder {
  readonly #setup: FfmpegFinderSetup
  readonly #told = new Set<string>()
  readonly #asking = new Set<RunningProcess>()
  /** Answers that are waited for. */
  readonly #awaited = new Set<Promise<FfmpegBuild>>()
  #isClosed = false
  readonly #known = new Map<string, Readonly<{ mark: string; build: Promise<FfmpegBuild> }>>()

  /** Nothing is looked for yet. */
  constructor(setup: FfmpegFinderSetup) {
    this.#setup = setup
  }

  /**
   * What is run where `file` is asked for.
   * @param file a path, or a name that is looked for in `PATH`; if there is no such program, `ffmpeg` of `PATH` is taken
   * @param encoders that it must have
   */
  async answer(file: string, encoders: readonly string[]): Promise<FfmpegAnswer> {
    const found = await this.find(file)
    if (found === null) {
      const asked = file === NAME ? '' : `${file} can not be run, and `
      return { problem: `${asked}there is no ffmpeg in PATH: install it, e.g. ${INSTALL}` }
    }
    const { path, version } = found
    if (found.isTooOld) {
      return {
        problem: `${path} is of version ${version}: install ${MIN_FFMPEG_VERSION} or later, e.g. ${INSTALL}`,
      }
    }
    const missing = encoders.filter((encoder) => found.encoders?.has(encoder) === false).join(', ')
    return missing === ''
      ? { path }
      : {
          problem: `${path} (${version}) has no encoder ${missing}: name another, or install an FFmpeg with it`,
        }
  }

  /** The FFmpeg that is run where `file` is asked for; null if there is none. */
  async find(file: string): Promise<FoundFfmpeg | null> {
    const wanted = await this.#locate(file)
    const path = wanted ?? (await this.#locate(NAME))
    if (path === null) {
      return null
    }
    if (wanted === null && !this.#told.has(file)) {
      this.#told.add(file)
      this.#setup.logger.warn({ asked: file, used: path }, 'that FFmpeg can not be run: another is used')
    }
    const build = await this.#ask(path)
    return build === null ? null : { path, ...build }
  }

  /** Asks nobody any more. Resolves when those who were asked are gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const running of this.#asking) {
      running.stop()
    }
    await Promise.all(this.#awaited)
  }

  /** Where it is; null if it is not there, or can't be run. */
  async #locate(file: string): Promise<string | null> {
    const folders = this.#setup.folders?.() ?? (process.env.PATH ?? '').split(delimiter)
    const paths = file.includes('/') ? [file] : folders.map((folder) => join(folder, file))
    for (const path of paths) {
      if (await isExecutable(path)) {
        return path
      }
    }
    return null
  }

  /** What it is; null if it has gone in this moment. */
  async #ask(path: string): Promise<FfmpegBuild | null> {
    const mark = await markOf(path)
    if (mark === null) {
      return null
    }
    const known = this.#known.get(path)
    if (known?.mark === mark) {
      return known.build
    }
    const build = this.#askNow(path)
    this.#known.set(path, { mark, build })
    this.#awaited.add(build)
    void build.then(() => this.#awaited.delete(build))
    return build
  }

  async #askNow(path: string): Promise<FfmpegBuild> {
    const [version, encoders] = await Promise.all([this.#run(path, '-version'), this.#run(path, '-encoders')])
    const build = readFfmpegBuild(version, encoders)
    if (build.version === null && !this.#isClosed) {
      this.#setup.logger.warn({ path }, 'this FFmpeg does not say what it is: it is used as it is')
    }
    return build
  }

  /** What it prints; '' if it can't be started, in which case its own start will tell why, and when nobody is asked any more. */
  async #run(path: string, question: string): Promise<string> {
    if (this.#isClosed) {
      return ''
    }
    const parts: Uint8Array[] = []
    let bytes = 0
    const onOutput = (part: Uint8Array): void => {
      bytes += part.length
      if (bytes <= MAX_FFMPEG_ANSWER_BYTES) {
        parts.push(part)
      }
    }
    try {
      const command = { file: path, args: ['-hide_banner', question] }
      const running = await this.#setup.start(command, { onStart: () => {}, onOutput }, 0)
      this.#asking.add(running)
      const timeoutMs = this.#isClosed ? 0 : (this.#setup.timeoutMs ?? FFMPEG_ANSWER_TIMEOUT_MS)
      const timer = setTimeout(() => running.stop(), timeoutMs)
      await running.ended
      clearTimeout(timer)
      this.#asking.delete(running)
    } catch (error) {
      this.#setup.logger.debug({ path, reason: toError(error).message }, 'FFmpeg can not be asked what it is')
    }
    return Buffer.concat(parts).toString('utf8')
  }
}

/** Changes with the file; null if there is none. */
async function markOf(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return null
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

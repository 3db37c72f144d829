import { type Clock, type Logger, toError } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import {
  type EngineOptions,
  encodersOf,
  type FfmpegNeed,
  indispensableEncodersOf,
  type ProgramOptions,
  Programs,
  replacedEncoders,
  tellOfFfmpeg,
} from '../ffmpeg/index.ts'
import type { Listeners } from './listeners.ts'
import { ownRtmpAddress } from './own-address.ts'

/** What the programs of a server are made with. */
export type ServerProgramsSetup = Readonly<{
  options: ProgramOptions
  /** Where FFmpeg connects to. */
  listeners: () => Listeners
  clock: Clock
  logger: Logger
}>

/** Something that wants FFmpeg. */
type EngineNeed = FfmpegNeed &
  Readonly<{ /** Does FFmpeg connect to this server for it? */ connects: boolean }>

/** The programs beside a server: FFmpeg, and those of exec. */
export class ServerPrograms {
  /** Runs them. */
  readonly supervisor: Programs
  readonly #listeners: () => Listeners
  readonly #logger: Logger

  /** Nothing runs yet. */
  constructor({ listeners, ...setup }: ServerProgramsSetup) {
    this.supervisor = new Programs(setup)
    this.#listeners = listeners
    this.#logger = setup.logger
  }

  /**
   * Looks which FFmpeg there is, and tells what does not run without it, in the background: nobody waits for that. Tells also what does not run
   * because FFmpeg can't connect to this server. Programs that could not be started are tried again. To be called when RTMP is listened for.
   * @param vhosts those in force
   */
  look(vhosts: readonly ResolvedVhost[]): void {
    const needs = vhosts.flatMap(needsOf)
    void tellOfFfmpeg(this.supervisor.ffmpeg, needs, this.#logger)
    this.#tellOfAddress(needs)
    this.#tellOfEncoders(vhosts)
    this.supervisor.lookAgain()
  }

  #tellOfAddress(needs: readonly EngineNeed[]): void {
    const without = needs.filter(({ connects }) => connects).map(({ who }) => who)
    try {
      ownRtmpAddress(this.#listeners())
    } catch (error) {
      if (without.length > 0) {
        const fields = { reason: toError(error).message, without: without.join(', ') }
        this.#logger.warn(fields, 'FFmpeg can not connect to this server: the rest works')
      }
    }
  }

  /** Files of SRS's first years name encoders that FFmpeg has no more. */
  #tellOfEncoders(vhosts: readonly ResolvedVhost[]): void {
    const engines = vhosts.flatMap(({ transcode, ingest }) =>
      [...transcode, ...ingest].flatMap((each) => each.engines),
    )
    for (const [encoder, used] of replacedEncoders(engines)) {
      this.#logger.warn({ encoder, used }, 'FFmpeg does not have this encoder any more: another is used')
    }
  }
}

/** What of a virtual host wants FFmpeg. */
function needsOf({ name: vhost, enabled, transcode, ingest }: ResolvedVhost): EngineNeed[] {
  if (!enabled) {
    return []
  }
  const need = (what: string, file: string | null, engine: EngineOptions): Omit<EngineNeed, 'connects'> => ({
    file,
    encoders: indispensableEncodersOf(engine),
    who: [what, engine.name, `of ${vhost}`].filter((part) => part !== '').join(' '),
  })
  return [
    ...transcode.flatMap(({ scope, ffmpeg, engines }) =>
      engines.map((engine) => ({
        ...need(`transcode ${scope === '' ? '*' : scope}`, ffmpeg, engine),
        connects: true,
      })),
    ),
    ...ingest.flatMap(({ id, type, ffmpeg, engines }) =>
      // A file that is copied may be played without FFmpeg; if it is not, its own start tells what is missing.
      engines
        .filter((engine) => type !== 'file' || encodersOf(engine).length > 0)
        .map((engine) => ({
          ...need(`ingest ${id}`, ffmpeg, engine),
          connects: engine.output.includes('[port]'),
        })),
    ),
  ]
}

import type { Clock, Logger } from '../base/index.ts'
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

/** What the programs of a server are made with. */
export type ServerProgramsSetup = Readonly<{
  options: ProgramOptions
  clock: Clock
  logger: Logger
}>

/** The programs beside a server: FFmpeg, and those of exec. */
export class ServerPrograms {
  /** Runs them. */
  readonly supervisor: Programs
  readonly #logger: Logger

  /** Nothing runs yet. */
  constructor(setup: ServerProgramsSetup) {
    this.supervisor = new Programs(setup)
    this.#logger = setup.logger
  }

  /**
   * Looks which FFmpeg there is, and tells what does not run without it, in the background: nobody waits for that. Programs that could not
   * be started are tried again.
   * @param vhosts those in force
   */
  look(vhosts: readonly ResolvedVhost[]): void {
    void tellOfFfmpeg(this.supervisor.ffmpeg, vhosts.flatMap(needsOf), this.#logger)
    this.#tellOfEncoders(vhosts)
    this.supervisor.lookAgain()
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
function needsOf({ name: vhost, enabled, transcode, ingest }: ResolvedVhost): FfmpegNeed[] {
  if (!enabled) {
    return []
  }
  const need = (what: string, file: string | null, engine: EngineOptions): FfmpegNeed => ({
    file,
    encoders: indispensableEncodersOf(engine),
    who: [what, engine.name, `of ${vhost}`].filter((part) => part !== '').join(' '),
  })
  return [
    ...transcode.flatMap(({ scope, ffmpeg, engines }) =>
      engines.map((engine) => need(`transcode ${scope === '' ? '*' : scope}`, ffmpeg, engine)),
    ),
    ...ingest.flatMap(({ id, type, ffmpeg, engines }) =>
      // A file that is copied may be played without FFmpeg; if it is not, its own start tells what is missing.
      engines
        .filter((engine) => type !== 'file' || encodersOf(engine).length > 0)
        .map((engine) => need(`ingest ${id}`, ffmpeg, engine)),
    ),
  ]
}

import type { Clock, Logger } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { ExecService, type ProgramOptions, type ProgramSupervisor } from '../ffmpeg/index.ts'
import { noStreamEvents, type StreamEvents, type VhostFinder } from '../live/index.ts'

/** What exec is made with. */
export type ServerExecSetup = Readonly<{
  vhosts: VhostFinder<ResolvedVhost>
  /** Runs its programs. */
  programs: ProgramSupervisor
  /** How programs are run, until `use`. */
  options: ProgramOptions
  /** Where RTMP is listened for. */
  port: () => number
  clock: Clock
  logger: Logger
}>

/** The programs that virtual hosts run for their streams. */
export class ServerExec {
  /** Runs them. */
  readonly service: ExecService
  /** Told of publishers. */
  readonly events: StreamEvents
  #utcTime: boolean

  /** Nothing runs until something is published. */
  constructor({ options, ...setup }: ServerExecSetup) {
    this.#utcTime = options.utcTime
    const service = new ExecService({
      ...setup,
      utcTime: () => this.#utcTime,
    })
    this.service = service
    this.events = {
      ...noStreamEvents,
      onPublish: async (request) => service.begin(request),
      onUnpublish: async (request) => service.end(request),
    }
  }

  /** Takes changed settings. */
  use({ utcTime }: ProgramOptions): void {
    this.#utcTime = utcTime
  }
}

import type { Clock, Logger } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { ExecService, type Programs } from '../ffmpeg/index.ts'
import { noStreamEvents, type StreamEvents, type VhostFinder } from '../live/index.ts'

/** What exec is made with. */
export type ServerExecSetup = Readonly<{
  vhosts: VhostFinder<ResolvedVhost>
  /** Runs its programs. */
  programs: Programs
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

  /** Nothing runs until something is published. */
  constructor(setup: ServerExecSetup) {
    const service = new ExecService({ ...setup, utcTime: () => setup.programs.options.utcTime })
    this.service = service
    this.events = {
      ...noStreamEvents,
      onPublish: async (request) => service.begin(request),
      onUnpublish: async (request) => service.end(request),
    }
  }
}

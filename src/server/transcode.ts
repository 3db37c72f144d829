import type { Clock, Logger } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { TranscodeService } from '../ffmpeg/index.ts'
import {
  noStreamEvents,
  parseStreamName,
  type StreamEvents,
  type StreamRegistry,
  type Vhosts,
} from '../live/index.ts'
import type { ServerAccess } from './access.ts'
import type { Listeners } from './listeners.ts'
import { ownRtmpAddress } from './own-address.ts'
import { isOwnRtmp } from './own-rtmp.ts'
import type { ServerPrograms } from './programs.ts'

/** What transcoding is made with. */
export type ServerTranscodeSetup = Readonly<{
  registry: StreamRegistry
  vhosts: Vhosts<ResolvedVhost>
  access: ServerAccess
  programs: ServerPrograms
  /** Where FFmpeg connects to. */
  listeners: () => Listeners
  clock: Clock
  logger: Logger
}>

/** Streams that FFmpeg makes of others, from what is published here to where it is published again. */
export class ServerTranscode {
  /** Says which run. */
  readonly service: TranscodeService
  /** Told of publishers. */
  readonly events: StreamEvents

  /** Nothing runs until something is published. */
  constructor({ access, programs, listeners, ...setup }: ServerTranscodeSetup) {
    const { vhosts } = setup
    const service = new TranscodeService({
      ...setup,
      nameStream: (vhost, path) => parseStreamName(path, vhosts.nameFor(vhost)),
      programs: programs.supervisor,
      utcTime: () => programs.supervisor.options.utcTime,
      address: () => ownRtmpAddress(listeners()),
      isOurs: (endpoint) => isOwnRtmp(listeners(), endpoint),
      passFor: (action, name) => access.passFor(action, name, () => ownRtmpAddress(listeners()).host),
      encodersOf: async (ffmpeg) => (await programs.supervisor.ffmpeg.find(ffmpeg))?.encoders ?? null,
    })
    this.service = service
    this.events = {
      ...noStreamEvents,
      onPublish: async (request) => service.begin(request),
      onUnpublish: async (request) => service.end(request),
    }
  }
}

import type { Clock, Logger } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { IngestService, type ProgramSupervisor, type TranscodeService } from '../ffmpeg/index.ts'
import type { LiveService, Vhosts } from '../live/index.ts'
import type { ServerAccess } from './access.ts'
import type { Listeners } from './listeners.ts'
import { ownRtmpAddress } from './own-address.ts'
import { isOwnRtmp, rtmpPortOf } from './own-rtmp.ts'

/** What ingests are made with. */
export type ServerIngestSetup = Readonly<{
  live: LiveService
  vhosts: Vhosts<ResolvedVhost>
  clock: Clock
  logger: Logger
  /** Runs FFmpeg. */
  programs: ProgramSupervisor
  /** What FFmpeg logs at least, as of now. */
  ffmpegLogLevel: () => string
  /** Whether times in outputs are in UTC, as of now. */
  utcTime: () => boolean
  /** Lets FFmpeg in where a virtual host demands what it can't have. */
  access: ServerAccess
  /** Knows what engines make of a stream. */
  transcode: TranscodeService
  /** Where FFmpeg publishes. */
  listeners: () => Listeners
}>

/** What virtual hosts say is published here; nothing is before `start`. */
export function createIngest({ listeners, access, transcode, ...setup }: ServerIngestSetup): IngestService {
  return new IngestService({
    ...setup,
    rtmpPort: () => rtmpPortOf(listeners()),
    madeOf: (name) => transcode.madeOf(name),
    passFor: (action, name) => access.passFor(action, name, () => ownRtmpAddress(listeners()).host),
    isOurs: (endpoint) => isOwnRtmp(listeners(), endpoint),
  })
}

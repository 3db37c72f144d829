import type { Clock, Logger } from '../../base/index.ts'
import type { LiveService, StreamName, StreamRegistry, Vhost, Vhosts } from '../../live/index.ts'
import type { ChildPass } from '../engine/index.ts'
import type { RtmpEndpoint } from '../ingest/index.ts'
import type { ProgramSupervisor } from '../program/index.ts'
import type { TranscodeOptions } from './options.ts'

/** A virtual host, as far as transcoding needs it. */
export type TranscodeVhost = Vhost & Readonly<{ transcode: readonly TranscodeOptions[] }>

/** Where programs on this machine reach this server by RTMP. */
export type OwnRtmpAddress = Readonly<{
  /** As it stands in a URL: of IPv6 in brackets. */
  host: string
  /** The port. */
  port: number
}>

/** What a transcode service is made with. */
export type TranscodeServiceSetup = Readonly<{
  /** What is published. */
  registry: StreamRegistry
  /** What is to be made of it. */
  vhosts: Vhosts<TranscodeVhost>
  /** What a stream is called: `LiveService.nameStream`. */
  nameStream: LiveService['nameStream']
  /** Runs FFmpeg. */
  programs: ProgramSupervisor
  /**
   * Where FFmpeg gets streams from.
   * @throws ServerError that says why it can't, and what to do
   */
  address: () => OwnRtmpAddress
  /** Whether this server listens there. */
  isOurs: (endpoint: RtmpEndpoint) => boolean
  /** A pass for a program that is to publish or play a stream. */
  passFor: (action: 'publish' | 'play', name: StreamName) => ChildPass
  /** The encoders that an FFmpeg has; null if that is not known. */
  encodersOf: (ffmpeg: string) => Promise<ReadonlySet<string> | null>
  /** Tells the time that stands in names. */
  clock: Clock
  /** Whether times in outputs are in UTC. Default: not. */
  utcTime?: () => boolean
  /** Told of what is not transcoded, and why. */
  logger: Logger
}>

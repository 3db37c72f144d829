import { isDeepStrictEqual } from 'node:util'
import { type Clock, ms, toError } from '../../base/index.ts'
import type { LiveService, StreamName, Vhost } from '../../live/index.ts'
import { defaultEngineOptions, type EngineOptions } from '../engine/index.ts'
import {
  expandAddress,
  type FfmpegAddress,
  type ValuesSetup,
  variableValuesOfName,
  wholeAddress,
} from '../variables/index.ts'
import type { IngestOptions } from './options.ts'
import { type RtmpEndpoint, streamPublishedHere } from './published-here.ts'

/** A virtual host, as far as ingests need it. */
export type IngestVhost = Vhost & Readonly<{ ingest: readonly IngestOptions[] }>

/** What says where ingests publish. */
export type IngestSurroundings = Readonly<{
  /** The door to the streams. */
  live: LiveService
  /** The port that stands for `[port]`: that of the first RTMP listener. */
  rtmpPort: () => number
  /** Whether this server listens there. */
  isOurs: (endpoint: RtmpEndpoint) => boolean
  /** Says what stands for times in outputs. */
  clock: Clock
  /** Whether these are in UTC. Default: not. */
  utcTime?: () => boolean
}>

/** One output of one ingest: what a process of FFmpeg is run for, or a file is played. */
export type IngestJob = Readonly<{
  /** The same for the same output of the same ingest, whatever its settings. */
  key: string
  /** The virtual host that says so. */
  vhost: string
  /** What is published. */
  ingest: IngestOptions
  /** How; one that copies has nothing else. */
  engine: EngineOptions
  /** Where, with every variable in place. */
  output: FfmpegAddress
  /** The same whenever it is asked for: were it 1970. */
  timelessOutput: string
  /** Why that can't be said; null if it can. */
  problem: string | null
  /** The stream of this server that it becomes; null if it goes elsewhere. */
  target: StreamName | null
}>

/** What virtual hosts that are enabled ask for. */
export function ingestJobs(
  vhosts: readonly IngestVhost[],
  surroundings: IngestSurroundings,
): Map<string, IngestJob> {
  const jobs = vhosts
    .filter(({ enabled }) => enabled)
    .flatMap(({ name, ingest }) => ingest.flatMap((each) => jobsOf(name, each, surroundings)))
  return new Map(jobs.map((job) => [job.key, job]))
}

function jobsOf(vhost: string, ingest: IngestOptions, surroundings: IngestSurroundings): IngestJob[] {
  const { live, isOurs, rtmpPort, clock, utcTime } = surroundings
  const port = rtmpPort()
  const now = { port, time: clock.wallTime(), utc: utcTime?.() ?? false }
  return ingest.engines.map((engine, index): IngestJob => {
    const to = outputOf(engine, vhost, now)
    return {
      key: JSON.stringify([vhost, ingest.id, index]),
      vhost,
      ingest,
      engine: engineInForce(engine),
      target: streamPublishedHere(to.output, live, isOurs),
      timelessOutput: wholeAddress(outputOf(engine, vhost, { port, time: ms(0), utc: true }).output),
      ...to,
    }
  })
}

/** No publisher is there whose stream it would be: `[app]` and `[stream]` stay as they are, as in SRS. */
function outputOf(
  { output: template, name: engine }: EngineOptions,
  vhost: string,
  setup: Omit<ValuesSetup, 'engine'>,
): Pick<IngestJob, 'output' | 'problem'> {
  const name = { vhost, app: '[app]', stream: '[stream]' }
  const values = variableValuesOfName(name, { ...setup, engine })
  try {
    return { output: expandAddress(template, values), problem: null }
  } catch (error) {
    return { output: { options: [], address: template }, problem: toError(error).message }
  }
}

/** Whether what runs for `former` need not be touched for `next`. */
export function isSameJob(former: IngestJob, next: IngestJob): boolean {
  return isDeepStrictEqual(settingsOf(former), settingsOf(next))
}

/** What makes a difference: not the time in an output, nor the other outputs of the ingest. */
function settingsOf({ ingest, engine, vhost, target, timelessOutput }: IngestJob): object {
  const { engines: _others, ...own } = ingest
  return { own, engine, vhost, isHere: target !== null, timelessOutput }
}

/**
 * Whether it is a file that this process plays itself, without FFmpeg: FLV or MP4 that becomes a stream here as it is.
 * The ending of its name says what it is.
 */
export function isPlayedHere(job: IngestJob): job is IngestJob & Readonly<{ target: StreamName }> {
  const { ingest, engine, target } = job
  const { type, url } = ingest
  return (
    type === 'file' &&
    target !== null &&
    /^(?![a-z][a-z0-9+.-]+:).*\.(?:flv|mp4|m4v)$/is.test(url) &&
    engine.videoCodec === 'copy' &&
    engine.audioCodec === 'copy' &&
    [engine.inputOptions, engine.filters, engine.videoOptions, engine.audioOptions].every(
      ({ length }) => length === 0,
    )
  )
}

/** Of an engine that is not enabled nothing counts but where it goes. */
function engineInForce(engine: EngineOptions): EngineOptions {
  const { enabled, name, output } = engine
  return enabled ? engine : { ...COPY_ENGINE, name, output }
}

/** An engine that copies. */
export const COPY_ENGINE: EngineOptions = {
  ...defaultEngineOptions,
  videoCodec: 'copy',
  audioCodec: 'copy',
  inputFormat: 'off',
  output: '',
}

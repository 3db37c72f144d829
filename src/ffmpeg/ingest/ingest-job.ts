import { isDeepStrictEqual } from 'node:util'
import type { LiveService, StreamName, Vhost } from '../../live/index.ts'
import type { EngineOptions } from '../engine/index.ts'
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
  /** Where, with the variables of the settings in place. */
  output: string
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

function jobsOf(
  vhost: string,
  ingest: IngestOptions,
  { live, rtmpPort, isOurs }: IngestSurroundings,
): IngestJob[] {
  return ingest.engines.map((engine, index): IngestJob => {
    const output = outputOf(engine.output, vhost, rtmpPort(), engine.name)
    return {
      key: JSON.stringify([vhost, ingest.id, index]),
      vhost,
      ingest,
      engine: engineInForce(engine),
      output,
      target: streamPublishedHere(output, live, isOurs),
    }
  })
}

/** Whether what runs for `former` need not be touched for `next`. */
export function isSameJob(former: IngestJob, next: IngestJob): boolean {
  return isDeepStrictEqual(settingsOf(former), settingsOf(next))
}

/** Of an ingest that has several outputs, one is not started anew for another. */
function settingsOf({ ingest: { engines: _others, ...ingest }, ...job }: IngestJob): object {
  return { ...job, ingest }
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
    /^(?![a-z][a-z0-9+.-]+:).*\.(?:flv|mp4|m4v|mov)$/is.test(url) &&
    engine.videoCodec === 'copy' &&
    engine.audioCodec === 'copy' &&
    [engine.inputOptions, engine.filters, engine.videoOptions, engine.audioOptions].every(
      ({ length }) => length === 0,
    )
  )
}

/** As in SRS, an engine that is not enabled, or does not say what to do with video or audio, copies, and nothing else of it counts. */
function engineInForce(engine: EngineOptions): EngineOptions {
  const { enabled, name, videoCodec, audioCodec, output } = engine
  return enabled && videoCodec !== '' && audioCodec !== '' ? engine : { ...COPY_ENGINE, name, output }
}

/** An engine that copies. */
export const COPY_ENGINE: EngineOptions = {
  name: '',
  enabled: true,
  inputOptions: [],
  inputFormat: 'off',
  outputFormat: 'flv',
  filters: [],
  videoCodec: 'copy',
  videoBitrateKbps: 0,
  framesPerSecond: 0,
  width: 0,
  height: 0,
  threads: 1,
  profile: '',
  preset: '',
  videoOptions: [],
  audioCodec: 'copy',
  audioBitrateKbps: 0,
  sampleRateHz: 0,
  channels: 0,
  audioOptions: [],
  output: '',
}

function outputOf(template: string, vhost: string, port: number, engine: string): string {
  return template
    .replaceAll('[vhost]', vhost)
    .replaceAll('[port]', String(port))
    .replaceAll('[engine]', engine)
}

import type { FfmpegProgress, ProgramStatus } from '../../../ffmpeg/index.ts'
import { data, type Endpoint } from '../endpoint.ts'
import { Float } from '../float.ts'
import {
  floatSchema,
  integerSchema,
  type JsonSchema,
  listSchema,
  nullable,
  objectSchema,
  textSchema,
} from '../json-schema.ts'
import { MAX_PAGE_ENTRIES } from '../paging.ts'

/** What FFmpeg says of its work, as the API shows it. */
export type ProgressInfo = Readonly<{
  /** Video frames made so far; 0 without video. */
  frames: number
  /** Video frames a second. */
  fps: Float
  /** Of what it makes, kbit/s. */
  kbps: Float | null
  /** Media made for each second that went by. */
  speed: Float | null
  /** Media made so far, ms. */
  time_ms: number
  /** Frames made twice, to keep the frame rate. */
  dup_frames: number
  /** Frames left out, to keep the frame rate. */
  drop_frames: number
  /** Bytes made so far. */
  bytes: number | null
}>

/** A program beside the server, as the API shows it. */
export type ProgramInfo = Readonly<{
  /** Unique in this process; stands in the log. */
  id: string
  /** What it is run for. */
  kind: ProgramStatus['kind']
  /** The virtual host of its stream. */
  vhost: string
  /** The stream it is run for, e.g. 'live/livestream'; the ID of an ingest whose output is not published here. */
  stream: string
  /** The name of the engine, the ID of the ingest, the number of the exec. */
  name: string
  /** Where what it makes goes, without secrets; '' if that is not known. */
  output: string
  /** What it does. */
  state: ProgramStatus['state']
  /** Since when, ms since the Unix epoch. */
  since_ms: number
  /** The process; null while there is none. */
  pid: number | null
  /** How often it was started. */
  starts: number
  /** How often it ended unasked, or stood still. */
  failures: number
  /** How often it was replaced because it stood still. */
  stalls: number
  /** What was wrong the last time, with the last lines that it wrote; null if nothing ever was. */
  last_error: string | null
  /** What FFmpeg last said; null of other programs, and until it says something. */
  progress: ProgressInfo | null
  /** The file with what it wrote; null if that is not kept. */
  log_file: string | null
}>

const PROGRESS_SCHEMA: JsonSchema = objectSchema<ProgressInfo>(
  {
    frames: integerSchema('Video frames made so far; 0 without video.'),
    fps: floatSchema('Video frames a second.'),
    kbps: nullable(floatSchema('Of what it makes, kbit/s; null while unknown.')),
    speed: nullable(floatSchema('Media made for each second that went by; 1 keeps up with a live stream.')),
    time_ms: integerSchema('Media made so far, ms.'),
    dup_frames: integerSchema('Frames made twice, to keep the frame rate.'),
    drop_frames: integerSchema('Frames left out, to keep the frame rate.'),
    bytes: nullable(integerSchema('Bytes made so far; null where FFmpeg does not know.')),
  },
  { title: 'Progress' },
)

/** Of the type `ProgramInfo`. */
export const PROGRAM_SCHEMA: JsonSchema = objectSchema<ProgramInfo>(
  {
    id: textSchema('Unique in this process; stands in the log.'),
    kind: textSchema('What it is run for.', ['transcode', 'ingest', 'exec']),
    vhost: textSchema('The virtual host of its stream.'),
    stream: textSchema(
      "The stream it is run for, e.g. 'live/livestream'; the ID of an ingest whose output is not published here.",
    ),
    name: textSchema(
      'The name of the engine, the ID of the ingest, the number of the exec; of a second one that would be called the same with `#2` behind it.',
    ),
    output: textSchema("Where what it makes goes, without secrets; '' if that is not known."),
    state: textSchema(
      'starting: it has made nothing yet; waiting: it ended and is started again, or there are too many; unavailable: it can not be started; failing: it failed again and again, and is tried again until it has worked for 10 s.',
      ['starting', 'running', 'waiting', 'unavailable', 'failing', 'ended'],
    ),
    since_ms: integerSchema('Since when, ms since the Unix epoch.'),
    pid: nullable(integerSchema('The process; null while there is none.')),
    starts: integerSchema('How often it was started.'),
    failures: integerSchema('How often it ended unasked, or stood still.'),
    stalls: integerSchema('How often it was replaced because it stood still.'),
    last_error: nullable(textSchema('What was wrong the last time, with the last lines that it wrote.')),
    progress: nullable(PROGRESS_SCHEMA),
    log_file: nullable(textSchema('The file with what it wrote; null if that is not kept.')),
  },
  { title: 'Program' },
)

/** `/api/v1/programs/`, which SRS has not: FFmpeg and other programs that this server runs. */
export function programEndpoints(programs: () => readonly ProgramStatus[]): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/programs/',
      operation: 'listPrograms',
      says: 'Programs that this server runs: FFmpeg for transcode and ingest, and those of exec.',
      listed: 'the programs that this server runs',
      answer: {
        kind: 'envelope',
        content: {
          programs: listSchema(PROGRAM_SCHEMA, `Oldest first, ${MAX_PAGE_ENTRIES} at most.`),
          total: integerSchema('How many there are.'),
        },
      },
      handle: () => {
        const all = programs()
        return data({ programs: all.slice(0, MAX_PAGE_ENTRIES).map(infoOf), total: all.length })
      },
    },
  ]
}

function infoOf(status: ProgramStatus): ProgramInfo {
  const { id, kind, vhost, stream, name, output, state, pid, starts, failures, stalls } = status
  return {
    id,
    kind,
    vhost,
    stream,
    name,
    output,
    state,
    since_ms: Math.round(status.since),
    pid,
    starts,
    failures,
    stalls,
    last_error: status.lastError,
    progress: status.progress === null ? null : progressOf(status.progress),
    log_file: status.logFile,
  }
}

function progressOf(progress: FfmpegProgress): ProgressInfo {
  const { frames, framesPerSecond, bitrateKbps, speed, mediaTimeMs, bytes } = progress
  return {
    frames,
    fps: new Float(framesPerSecond),
    kbps: floatOrNull(bitrateKbps),
    speed: floatOrNull(speed),
    time_ms: mediaTimeMs,
    dup_frames: progress.duplicatedFrames,
    drop_frames: progress.droppedFrames,
    bytes,
  }
}

function floatOrNull(value: number | null): Float | null {
  return value === null ? null : new Float(value)
}

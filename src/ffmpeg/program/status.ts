import type { Ms } from '../../base/index.ts'

/** What a program is run for. */
export type ProgramKind = 'transcode' | 'ingest' | 'exec'

/** What a program does at a moment. */
export type ProgramState =
  /** It was started, and has made no progress yet; a program whose progress is not read is `running` at once. */
  | 'starting'
  /** It works. */
  | 'running'
  /** It ended, and waits before it is started again; or there are too many already. */
  | 'waiting'
  /** It can't be started: there is no such program, it is too old, or it lacks what it is asked for. Tried again with a reload. */
  | 'unavailable'
  /** It failed `failingAfter` times in a row, or more: it is tried again and again, and is this until it has worked for 10 s. */
  | 'failing'
  /** It was stopped. */
  | 'ended'

/** What FFmpeg last said of its work (`-progress`). */
export type FfmpegProgress = Readonly<{
  /** Video frames made so far; 0 without video. */
  frames: number
  /** Video frames a second, as FFmpeg counts them. */
  framesPerSecond: number
  /** Of what it makes, kbit/s; null while unknown. */
  bitrateKbps: number | null
  /** Media made for each second that went by; 1 keeps up with a live stream. Null while unknown. */
  speed: number | null
  /** Media made so far, ms. */
  mediaTimeMs: Ms
  /** Frames made twice, to keep the frame rate. */
  duplicatedFrames: number
  /** Frames left out, to keep the frame rate. */
  droppedFrames: number
  /** Bytes made so far; null where FFmpeg does not know. */
  bytes: number | null
}>

/** A program that this server runs, for the API, the metrics and the log. */
export type ProgramStatus = Readonly<{
  /** Unique in this process, e.g. 'p12'; stands in the log. */
  id: string
  /** What it is run for. */
  kind: ProgramKind
  /** The virtual host of its stream. */
  vhost: string
  /** The stream it is run for, e.g. 'live/livestream'; the ID of an ingest whose output is not published here. */
  stream: string
  /**
   * Which of the programs for that stream: the name of the engine, the ID of the ingest, the number of the exec; of a second one
   * that would be called the same with '#2' behind it.
   */
  name: string
  /** Where what it makes goes, without secrets; '' if that is not known. */
  output: string
  /** What it does. */
  state: ProgramState
  /** Since when, ms since the Unix epoch. */
  since: Ms
  /** The process; null while there is none. */
  pid: number | null
  /** How often it was started. */
  starts: number
  /** How often it ended without being asked to, or was replaced because it stood still. */
  failures: number
  /** How often it was replaced because it stood still. */
  stalls: number
  /** What was wrong the last time, without secrets; null if nothing ever was. */
  lastError: string | null
  /** What it last said; null of what is no FFmpeg, and until it says something. */
  progress: FfmpegProgress | null
  /** The file with what it wrote; null if that is not kept. */
  logFile: string | null
}>

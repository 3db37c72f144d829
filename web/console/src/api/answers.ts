import type { StreamInfo } from '../../../src/answers.ts'

/** Averages over 30 s, in kilobits per second. */
export type Kbps = Readonly<{ recv_30s: number; send_30s: number }>

/** How the audio or video of a publisher comes in; what can't be told yet is null. */
export type TrackHealth = Readonly<{
  /** Frames a second over the last seconds. */
  frame_rate: number | null
  /** Bits a second over the last seconds. */
  bit_rate: number | null
  /** How unevenly frames arrive beside their timestamps, ms (RFC 3550). */
  jitter_ms: number
}>

/** The same of video, with what only video has. */
export type VideoHealth = TrackHealth &
  Readonly<{
    /** Between the newest keyframe and the one before, ms. */
    keyframe_interval_ms: number | null
    /** Since the newest keyframe, ms. */
    since_keyframe_ms: number | null
  }>

/** How well a publisher sends. */
export type StreamHealth = Readonly<{
  /** Since its newest frame, ms. */
  silent_ms: number
  /** Messages that could not be understood and were left out. */
  damaged: number
  /** Null without video. */
  video: VideoHealth | null
  /** Null without audio. */
  audio: TrackHealth | null
  /** How much video is ahead of audio, ms; below 0 audio is ahead. */
  skew_ms: number | null
}>

/** One stream of `/api/v1/streams/`, with what SRS has not. */
export type ConsoleStream = StreamInfo & Readonly<{ health?: StreamHealth | null }>

/** One publisher or player of `/api/v1/clients/`; SRS's names, then ours. */
export type ClientInfo = Readonly<{
  id: string
  vhost: string
  /** Id of its stream. */
  stream: string
  ip: string
  pageUrl: string
  swfUrl: string
  tcUrl: string
  /** Path of its stream. */
  url: string
  name: string
  /** Such as `rtmp-play`, `flv-play`, `hls-play`, `fmle-publish`. */
  type: string
  publish: boolean
  /** Since when it is there, s. */
  alive: number
  send_bytes: number
  recv_bytes: number
  kbps: Kbps
  /** How far behind the newest frame it is, ms; of players. */
  lag_ms?: number | null
  /** How often it was moved ahead to a keyframe, because it was too far behind. */
  skips?: number | null
}>

/** One virtual host of `/api/v1/vhosts/`. */
export type VhostInfo = Readonly<{
  id: string
  name: string
  enabled: boolean
  clients: number
  streams: number
  send_bytes: number
  recv_bytes: number
  kbps: Kbps
  hls: Readonly<{ enabled: boolean; fragment?: number }>
}>

/** A client that was not let in; one of `/api/v1/refusals/`. */
export type RefusalInfo = Readonly<{
  at_ms: number
  action: string
  protocol: string
  address: string
  client: string
  vhost: string
  app: string
  stream: string
  page_url: string
  /** Which check refused it. */
  link: string
  /** Why, for programs. */
  code: string
  srs_code: number | null
  /** Why, for people. */
  reason: string
}>

/** `data` of `/api/v1/summaries`. */
export type Summary = Readonly<{
  now_ms: number
  self: Readonly<{
    version: string
    pid: number
    ppid: number
    argv: string
    cwd: string
    /** Resident memory, KiB. */
    mem_kbyte: number
    mem_percent: number
    /** Parts of one processor: 1 is one that is busy all the time. */
    cpu_percent: number
    srs_uptime: number
    /** The event loop since the last reading; not in SRS. */
    event_loop?: Readonly<{
      /** 99 of 100 turns were late by no more than this, ms. */
      delay_p99_ms: number
      /** Part of the time in which it was busy. */
      utilization: number
    }>
  }>
  system: Readonly<{
    /** Parts of all processors together. */
    cpu_percent: number
    mem_ram_kbyte: number
    mem_ram_percent: number
    cpus: number
    cpus_online: number
    uptime: number
    load_1m: number
    load_5m: number
    load_15m: number
    srs_sample_time: number
    srs_recv_bytes: number
    srs_send_bytes: number
    conn_srs: number
  }>
}>

/** What every answer begins with; a `code` other than 0 is an error. */
export type Envelope = Readonly<{
  code: number
  /** What was wrong; of errors. */
  message?: string
  server?: string
  /** New with every start of the server. */
  service?: string
  pid?: string
}>

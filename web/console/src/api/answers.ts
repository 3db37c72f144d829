import type { StreamInfo } from '../../../src/answers.ts'

/** Averages over 30 s, in kilobits per second. */
export type Kbps = Readonly<{ recv_30s: number; send_30s: number }>

/** How well a publisher sends; what can't be told yet, or does not apply, is null. */
export type StreamHealth = Readonly<{
  /** Video frames a second over the last seconds. */
  frame_rate: number | null
  /** Video over the last seconds, kbit/s. */
  video_kbps: number | null
  /** Audio over the last seconds, kbit/s. */
  audio_kbps: number | null
  /** Between the newest keyframe and the one before, ms. */
  keyframe_interval_ms: number | null
  /** Since the newest keyframe, ms. */
  since_keyframe_ms: number | null
  /** How unevenly frames arrive beside their timestamps, ms (RFC 3550). */
  jitter_ms: number | null
  /** How much audio is ahead of video where they come in, ms; below 0 the sound is behind. */
  av_skew_ms: number | null
  /** Since its newest frame, ms. */
  silent_ms: number
  /** Messages that could not be understood and were left out. */
  damaged: number
}>

/** One stream of `/api/v1/streams/`, with what SRS has not. */
export type ConsoleStream = StreamInfo &
  Readonly<{
    /** Null without a publisher. */
    health: StreamHealth | null
  }>

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
  /** How it came, such as `rtmp`, `http-flv` or `ws-flv`. */
  protocol: string
  /** How far behind the newest frame it is, ms; of players. */
  lag_ms: number
  /** How often it was moved ahead to a keyframe, because it was too far behind; of players. */
  skips: number
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
    event_loop: Readonly<{
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

/** A stream on its way to or from another server; one of `/api/v1/relays/`. */
export type RelayInfo = Readonly<{
  id: string
  /** `forward`: published to another server, too; `pull`: fetched from an origin; `push`: handed on to one. */
  kind: string
  /** The stream here, such as `live/demo`. */
  stream: string
  /** The stream there. */
  address: string
  /** `connecting`, `running`, `waiting` (it failed, and is tried again) or `closed`. */
  state: string
  since_ms: number
  /** Connections that failed or were lost. */
  failures: number
  last_error: string | null
  bytes: number
  /** How far the other server is behind in taking what is sent, ms. */
  lag_ms: number
  skips: number
}>

/** What an FFmpeg last said of its work. */
export type ProgramProgress = Readonly<{
  /** Video frames a second. */
  fps: number
  /** Of what it makes, kbit/s; null while unknown. */
  kbps: number | null
  /** Media made for each second that went by; null while unknown. */
  speed: number | null
  /** Media made so far, ms. */
  time_ms: number
}>

/** A program that the server runs; one of `/api/v1/programs/`. */
export type ProgramInfo = Readonly<{
  id: string
  /** `transcode`, `ingest` or `exec`. */
  kind: string
  vhost: string
  /** The stream it is run for, such as `live/demo`. */
  stream: string
  /** Which of the programs for that stream, such as the name of an engine. */
  name: string
  /** Where what it makes goes; '' if that is not known. */
  output: string
  /** `starting`, `running`, `waiting` (it is started again, or there are too many), `unavailable`, `failing` or `ended`. */
  state: string
  since_ms: number
  pid: number | null
  starts: number
  failures: number
  /** How often it was replaced because it stood still; one of the failures. */
  stalls: number
  /** What was wrong the last time, and in lines of their own what it wrote last; null if nothing ever was. */
  last_error: string | null
  /** Null of what is no FFmpeg, and until it says something. */
  progress: ProgramProgress | null
  /** The file with what it wrote; null if that is not kept. */
  log_file: string | null
}>

/** `data` of `/api/v1/features`. */
export type Features = Readonly<{
  /** What it runs on: `node v24.21.0`. */
  options: string
  /** The system and the processor. */
  options2: string
  /** When it was installed, in UTC. */
  build: string
  /** What it has and has not. */
  features: Readonly<Record<string, boolean>>
}>

/** A setting that has another value than before. */
export type SettingChange = Readonly<{
  setting: string
  before: unknown
  after: unknown
  /** For whom it counts. */
  effect: string
}>

/** `data` of `/api/v1/reload`: what a reload does, or has done. */
export type ReloadPlan = Readonly<{
  steps: readonly Readonly<{
    /** A part of the server. */
    component: string
    /** `keep`, `update`, `restart`, `add` or `remove`. */
    action: string
    changes: readonly SettingChange[]
  }>[]
  /** Who is disconnected. */
  cut: readonly Readonly<{
    client: Readonly<{ id: string; address: string }>
    role: string
    stream: string
    reason: string
  }>[]
  /** What counts only when the server is started anew. */
  atNextStart: readonly SettingChange[]
}>

import { randomBytes } from 'node:crypto'
import {
  type Clock,
  DEFAULT_VHOST,
  redactSecrets,
  type ServerIdentity,
  streamIdOf,
} from '../../base/index.ts'
import type { AudioTrackInfo, Stream, VideoTrackInfo } from '../../live/index.ts'
import type { AudioCodec, VideoCodec } from '../../media/index.ts'

/** Video of a stream, as SRS's API shows it. */
export type VideoInfo = Readonly<{
  /** e.g. 'H264'. */
  codec: string
  /** e.g. 'High'; empty if unknown. */
  profile: string
  /** e.g. '3.1'; empty if unknown. */
  level: string
  /** Pixels; 0 if unknown. */
  width: number
  /** Pixels; 0 if unknown. */
  height: number
  /** The codec as `codecs` parameters and playlists name it (RFC 6381), e.g. 'hvc1.1.6.L93.B0'; empty if unknown. Not in SRS. */
  rfc6381: string
}>

/** Audio of a stream, as SRS's API shows it. */
export type AudioInfo = Readonly<{
  /** e.g. 'AAC'. */
  codec: string
  /** Hz; 0 if unknown. */
  sample_rate: number
  /** Channels; 0 if unknown. */
  channel: number
  /** e.g. 'LC'; empty if unknown. */
  profile: string
  /** The codec as `codecs` parameters and playlists name it (RFC 6381), e.g. 'mp4a.40.2'; empty if unknown. Not in SRS. */
  rfc6381: string
}>

/** One stream of `GET /api/v1/streams/`: names and types of SRS. */
export type StreamInfo = Readonly<{
  /** Unique in this process. */
  id: string
  /** Last part of the stream's path. */
  name: string
  /** The virtual host's id: the same as long as this process runs. */
  vhost: string
  /** Application: the path before the name. */
  app: string
  /** The publisher's, without its secrets; empty without one. */
  tcUrl: string
  /** Path of its play URLs, without extension; the virtual host stands before it if it is not the default one. */
  url: string
  /** The server's clock, ms since the Unix epoch: not the stream's age, in SRS either. */
  live_ms: number
  /** Publisher and players. */
  clients: number
  /** Video frames. */
  frames: number
  /** Bytes handed to players. */
  send_bytes: number
  /** Bytes taken from publishers. */
  recv_bytes: number
  /** Averages of the last 30 s, kbit/s. */
  kbps: Readonly<{ recv_30s: number; send_30s: number }>
  /** Whether somebody publishes, and the client id. */
  publish: Readonly<{ active: boolean; cid: string | null }>
  /** Null without video. */
  video: VideoInfo | null
  /** Null without audio. */
  audio: AudioInfo | null
}>

const VIDEO_NAMES: Readonly<Record<VideoCodec, string>> = {
  avc: 'H264',
  hevc: 'HEVC',
  vvc: 'VVC',
  av1: 'AV1',
  vp8: 'VP8',
  vp9: 'VP9',
  vp6: 'VP6',
  h263: 'H263',
  screen: 'Screen',
  unknown: 'Unknown',
}

const AUDIO_NAMES: Readonly<Record<AudioCodec, string>> = {
  aac: 'AAC',
  mp3: 'MP3',
  opus: 'Opus',
  flac: 'FLAC',
  ac3: 'AC3',
  eac3: 'EAC3',
  speex: 'Speex',
  g711a: 'G711A',
  g711u: 'G711U',
  pcm: 'PCM',
  adpcm: 'ADPCM',
  nellymoser: 'Nellymoser',
  unknown: 'Unknown',
}

/** A video track as the API shows it. */
export function videoInfoOf({
  codec,
  codecString,
  profile,
  level,
  width,
  height,
}: VideoTrackInfo): VideoInfo {
  return { codec: VIDEO_NAMES[codec], profile, level, width, height, rfc6381: codecString }
}

/** An audio track as the API shows it. */
export function audioInfoOf({
  codec,
  codecString,
  profile,
  sampleRate,
  channelCount,
}: AudioTrackInfo): AudioInfo {
  return {
    codec: AUDIO_NAMES[codec],
    sample_rate: sampleRate,
    channel: channelCount,
    profile,
    rfc6381: codecString,
  }
}

const AVERAGE_MS = 30_000

/** Byte counts over time, for averages. */
type Sample = Readonly<{ at: number; received: number; sent: number }>

/** Describes streams for the API; remembers their byte counts for the averages. */
export class StreamDescriber {
  readonly #clock: Clock
  readonly #ids = new WeakMap<Stream, string>()
  readonly #samples = new WeakMap<Stream, Sample[]>()
  readonly #vhostIds = new Map<string, string>()
  readonly #identity: ServerIdentity

  /** @param clock times the averages @param identity of the server, which ids are made of */
  constructor(clock: Clock, identity: ServerIdentity) {
    this.#clock = clock
    this.#identity = identity
  }

  /** The stream as of now. */
  describe(stream: Stream): StreamInfo {
    const { publication, state, counters, name } = stream
    return {
      id: this.#idOf(stream),
      name: name.stream,
      vhost: this.vhostId(name.vhost),
      app: name.app,
      tcUrl: redactSecrets(publication?.request.tcUrl ?? ''),
      url: name.vhost === DEFAULT_VHOST ? `/${stream.key}` : stream.key.slice('//'.length),
      live_ms: this.#clock.wallTime(),
      clients: stream.viewers.size + (publication === null ? 0 : 1),
      frames: counters.videoFrames,
      send_bytes: counters.bytesSent,
      recv_bytes: counters.bytesReceived,
      kbps: this.#averages(stream),
      publish: { active: publication !== null, cid: publication?.client.id ?? null },
      video: state.video === null ? null : videoInfoOf(state.video),
      audio: state.audio === null ? null : audioInfoOf(state.audio),
    }
  }

  /** The id of a virtual host, by its name. */
  vhostId(name: string): string {
    const id = this.#vhostIds.get(name) ?? `vid-${randomBytes(5).toString('hex').slice(0, 7)}`
    this.#vhostIds.set(name, id)
    return id
  }

  #idOf(stream: Stream): string {
    const id = this.#ids.get(stream) ?? streamIdOf(this.#identity, stream.key)
    this.#ids.set(stream, id)
    return id
  }

  #averages(stream: Stream): { recv_30s: number; send_30s: number } {
    const now: Sample = {
      at: this.#clock.now(),
      received: stream.counters.bytesReceived,
      sent: stream.counters.bytesSent,
    }
    const samples = this.#samples.get(stream) ?? []
    this.#samples.set(stream, samples)
    while (samples[1] !== undefined && now.at - samples[1].at >= AVERAGE_MS) {
      samples.shift()
    }
    const newest = samples.at(-1)
    if (newest === undefined || now.at - newest.at >= 1000) {
      samples.push(now)
    }
    const oldest = samples[0] ?? now
    const span = now.at - oldest.at
    const kbps = (bytes: number): number => (span < 1000 ? 0 : Math.round((bytes * 8) / span))
    return { recv_30s: kbps(now.received - oldest.received), send_30s: kbps(now.sent - oldest.sent) }
  }
}

import { type Clock, redactSecrets } from '../../base/index.ts'
import type { AudioTrackInfo, Stream, VideoTrackInfo } from '../../live/index.ts'
import type { AudioCodec, VideoCodec } from '../../media/index.ts'
import { type HealthInfo, healthInfoOf } from './health-info.ts'
import { type StreamIds, streamUrlOf } from './stream-ids.ts'
import type { TrafficStatistics } from './traffic-statistics.ts'

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
  /** Whether somebody publishes, and who does, by the client's id; as in SRS, there is no `cid` where that is not known. */
  publish: Readonly<{ active: boolean; cid?: string }>
  /** Null without video. */
  video: VideoInfo | null
  /** Null without audio. */
  audio: AudioInfo | null
  /** How well its publisher sends; null without one. Not in SRS. */
  health: HealthInfo | null
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

/** What a stream is described by beside itself. */
export type StreamDescription = Readonly<{
  /** Ids of streams and virtual hosts. */
  ids: StreamIds
  /** Averages. */
  traffic: TrafficStatistics
  /** Tells the time. */
  clock: Clock
}>

/** What never changes of a stream while the same publisher publishes it; it comes first in `StreamInfo`. */
export function identifyStream(
  stream: Stream,
  ids: StreamIds,
): Pick<StreamInfo, 'id' | 'name' | 'vhost' | 'app' | 'tcUrl' | 'url'> {
  const { name, publication } = stream
  return {
    id: ids.ofStream(stream),
    name: name.stream,
    vhost: ids.ofVhost(name.vhost),
    app: name.app,
    tcUrl: redactSecrets(publication?.request.tcUrl ?? ''),
    url: streamUrlOf(name),
  }
}

/** Who publishes a stream, and with which codecs. */
export function tracksOf({
  publication,
  state,
}: Pick<Stream, 'publication' | 'state'>): Pick<StreamInfo, 'publish' | 'video' | 'audio'> {
  return {
    publish: publication === null ? { active: false } : { active: true, cid: publication.client.id },
    video: state.video === null ? null : videoInfoOf(state.video),
    audio: state.audio === null ? null : audioInfoOf(state.audio),
  }
}

/** A stream as of now. `StreamWriter` says the same of many. */
export function describeStream(stream: Stream, { ids, traffic, clock }: StreamDescription): StreamInfo {
  const { publication, counters } = stream
  const { receivedKbps, sentKbps } = traffic.ratesOf(stream)
  const health = stream.health()
  return {
    ...identifyStream(stream, ids),
    live_ms: clock.wallTime(),
    clients: stream.viewers.size + (publication === null ? 0 : 1),
    frames: counters.videoFrames,
    send_bytes: counters.bytesSent,
    recv_bytes: counters.bytesReceived,
    kbps: { recv_30s: receivedKbps, send_30s: sentKbps },
    ...tracksOf(stream),
    health: health === null ? null : healthInfoOf(health),
  }
}

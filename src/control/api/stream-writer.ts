import type { SlicedText } from '../../base/index.ts'
import type { Publication, PublisherHealth, Stream, StreamState } from '../../live/index.ts'
import { healthInfoOf } from './health-info.ts'
import { identifyStream, type StreamDescription, tracksOf } from './stream-info.ts'

/** What changes rarely of a stream, as JSON, and what it is made of. */
type KnownTexts = Readonly<{
  publication: Publication | null
  video: StreamState['video']
  audio: StreamState['audio']
  /** Up to `url`. */
  identity: string
  /** From `publish` to `audio`. */
  tracks: string
}>

/** Writes streams as the JSON of `describeStream`, to the character: what changes rarely is made once, and objects in between are not. */
export class StreamWriter {
  readonly #description: StreamDescription
  readonly #known = new WeakMap<Stream, KnownTexts>()

  /** Keeps nothing at first. */
  constructor(description: StreamDescription) {
    this.#description = description
  }

  /** Writes a stream as of now. */
  write(json: SlicedText, stream: Stream): void {
    const { traffic, clock } = this.#description
    const { identity, tracks } = this.#textsOf(stream)
    const { counters, viewers, publication } = stream
    const { receivedKbps, sentKbps } = traffic.ratesOf(stream)
    json
      .write(identity)
      .write(',"live_ms":')
      .number(clock.wallTime())
      .write(',"clients":')
      .number(viewers.size + (publication === null ? 0 : 1))
      .write(',"frames":')
      .number(counters.videoFrames)
      .write(',"send_bytes":')
      .number(counters.bytesSent)
      .write(',"recv_bytes":')
      .number(counters.bytesReceived)
      .write(',"kbps":{"recv_30s":')
      .number(receivedKbps)
      .write(',"send_30s":')
      .number(sentKbps)
      .write('},')
      .write(tracks)
      .write(',"health":')
    writeHealth(json, stream.health())
    json.write('}')
  }

  #textsOf(stream: Stream): KnownTexts {
    const { publication, state } = stream
    const { video, audio } = state
    const known = this.#known.get(stream)
    if (known?.publication === publication && known.video === video && known.audio === audio) {
      return known
    }
    const identity = JSON.stringify(identifyStream(stream, this.#description.ids)).slice(0, -1)
    const tracks = JSON.stringify(tracksOf(stream)).slice(1, -1)
    const made = { publication, video, audio, identity, tracks }
    this.#known.set(stream, made)
    return made
  }
}

function writeHealth(json: SlicedText, health: PublisherHealth | null): void {
  if (health === null) {
    json.write('null')
    return
  }
  const info = healthInfoOf(health)
  writeNumber(json, '{"frame_rate":', info.frame_rate)
  writeNumber(json, ',"video_kbps":', info.video_kbps)
  writeNumber(json, ',"audio_kbps":', info.audio_kbps)
  writeNumber(json, ',"keyframe_interval_ms":', info.keyframe_interval_ms)
  writeNumber(json, ',"mean_keyframe_interval_ms":', info.mean_keyframe_interval_ms)
  writeNumber(json, ',"since_keyframe_ms":', info.since_keyframe_ms)
  writeNumber(json, ',"jitter_ms":', info.jitter_ms)
  writeNumber(json, ',"av_skew_ms":', info.av_skew_ms)
  writeNumber(json, ',"silent_ms":', info.silent_ms)
  writeNumber(json, ',"damaged":', info.damaged)
  json.write('}')
}

function writeNumber(json: SlicedText, key: string, value: number | null): void {
  json.write(key)
  if (value === null) {
    json.write('null')
  } else {
    json.number(value)
  }
}

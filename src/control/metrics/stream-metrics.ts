import type { PublisherHealth, Stream, StreamCounters, TrackHealth } from '../../live/index.ts'
import { type ExpositionWriter, formatLabels, type LabelBytes } from './exposition.ts'

const KINDS = ['video', 'audio'] as const

/** What the lines of a stream share: of the whole stream, and of its tracks. */
type StreamLabels = Readonly<Record<'stream' | (typeof KINDS)[number], LabelBytes>>

/** A stream as of one moment. */
type Row = Readonly<{
  labels: StreamLabels
  publishers: number
  players: number
  counters: Readonly<StreamCounters>
  skips: number
  health: PublisherHealth | null
}>

/** Metrics with a line for each stream; none where there is no number. */
const OF_STREAMS: readonly (readonly [
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  read: (row: Row) => number | null,
])[] = [
  ['publishers', 'gauge', 'Publishers of the stream: 1 or 0.', ({ publishers }) => publishers],
  ['players', 'gauge', 'Players of the stream.', ({ players }) => players],
  [
    'receive_bytes_total',
    'counter',
    'Bytes of media taken from publishers.',
    ({ counters }) => counters.bytesReceived,
  ],
  ['send_bytes_total', 'counter', "Bytes handed to players' sockets.", ({ counters }) => counters.bytesSent],
  ['frames_total', 'counter', 'Frames taken from publishers.', ({ counters }) => counters.frames],
  ['video_frames_total', 'counter', 'Video frames among them.', ({ counters }) => counters.videoFrames],
  [
    'damaged_messages_total',
    'counter',
    'Messages left out as damaged.',
    ({ counters }) => counters.framesDropped,
  ],
  ['publications_total', 'counter', 'How often it was published.', ({ counters }) => counters.publications],
  [
    'skips_total',
    'counter',
    'How often players were too far behind and skipped to a keyframe.',
    ({ skips }) => skips,
  ],
  [
    'silent_seconds',
    'gauge',
    "Since the publisher's newest audio or video.",
    ({ health }) => seconds(health?.silentMs),
  ],
  [
    'keyframe_interval_seconds',
    'gauge',
    'Between the newest keyframe and the one before, of media.',
    ({ health }) => seconds(health?.video?.keyframeIntervalMs),
  ],
  [
    'since_keyframe_seconds',
    'gauge',
    'Since the newest keyframe, of media.',
    ({ health }) => seconds(health?.video?.sinceKeyframeMs),
  ],
  [
    'av_skew_seconds',
    'gauge',
    'How much audio is ahead of video where they come in.',
    ({ health }) => seconds(health?.skewMs),
  ],
]

/** Metrics with a line for each stream's video and one for its audio. */
const OF_TRACKS: readonly (readonly [
  name: string,
  help: string,
  read: (health: TrackHealth) => number | null,
])[] = [
  ['frame_rate', 'Frames a second that come in, of the last seconds.', ({ frameRate }) => frameRate],
  ['bits_per_second', 'Bits a second that come in, of the last seconds.', ({ bitRate }) => bitRate],
  [
    'jitter_seconds',
    'How unevenly frames arrive beside their timestamps (RFC 3550).',
    ({ jitterMs }) => seconds(jitterMs),
  ],
]

/** Tells what there is to know of each stream. */
export class StreamMetrics {
  /** Made once for each stream: there are some twenty lines of it in every scrape. */
  readonly #labels = new WeakMap<Stream, StreamLabels>()

  /**
   * Writes streams as of now; the lines are made within the turns of the event loop that follow.
   * @param maxStreams of more the oldest are told, so that lines don't come and go, and the rest is counted
   */
  async write(writer: ExpositionWriter, streams: readonly Stream[], maxStreams: number): Promise<void> {
    const rows = streams.slice(0, maxStreams).map((stream) => this.#read(stream))
    writer.gauge(
      'srs_streams_left_out',
      'Streams beyond the limit, which have no lines of their own (exporter.maxStreams).',
      streams.length - rows.length,
    )
    for (const [name, type, help, read] of OF_STREAMS) {
      const add = writer.begin(`srs_stream_${name}`, type, help)
      for (const row of rows) {
        const value = read(row)
        if (value !== null) {
          add(value, row.labels.stream)
        }
        if (writer.isSliceFull) {
          await writer.nextSlice()
        }
      }
    }
    for (const [name, help, read] of OF_TRACKS) {
      const add = writer.begin(`srs_stream_${name}`, 'gauge', help)
      for (const { health, labels } of rows) {
        for (const kind of KINDS) {
          const track = health?.[kind] ?? null
          const value = track === null ? null : read(track)
          if (value !== null) {
            add(value, labels[kind])
          }
        }
        if (writer.isSliceFull) {
          await writer.nextSlice()
        }
      }
    }
  }

  #read(stream: Stream): Row {
    return {
      labels: this.#labelsOf(stream),
      publishers: stream.publication === null ? 0 : 1,
      players: stream.viewers.size,
      counters: { ...stream.counters },
      skips: stream.skips,
      health: stream.health(),
    }
  }

  #labelsOf(stream: Stream): StreamLabels {
    const known = this.#labels.get(stream)
    if (known !== undefined) {
      return known
    }
    const { vhost, app, stream: name } = stream.name
    const labels = formatLabels({ vhost, app, stream: name })
    const made = {
      stream: Buffer.from(labels),
      video: Buffer.from(`${labels},kind="video"`),
      audio: Buffer.from(`${labels},kind="audio"`),
    }
    this.#labels.set(stream, made)
    return made
  }
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / 1000
}

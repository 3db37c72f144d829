import type { PublisherHealth, Stream } from '../../live/index.ts'
import { type ExpositionWriter, formatLabels, type Labels } from './exposition.ts'

/** A stream, and what its lines share. */
type Row = Readonly<{ stream: Stream; labels: Labels; health: PublisherHealth | null }>

/** A number of a stream; null where there is none. */
type Reading = (row: Row) => number | null

/**
 * What there is to know of each stream. Of more than `maxStreams` the oldest are told, so that lines don't come and go, and the rest
 * is counted.
 */
export function writeStreamMetrics(
  writer: ExpositionWriter,
  streams: readonly Stream[],
  maxStreams: number,
): void {
  const rows = streams.slice(0, maxStreams).map(
    (stream): Row => ({
      stream,
      labels: formatLabels({ vhost: stream.name.vhost, app: stream.name.app, stream: stream.name.stream }),
      health: stream.health(),
    }),
  )
  writer.gauge(
    'srs_streams_left_out',
    'Streams beyond the limit, which have no lines of their own (exporter.maxStreams).',
    streams.length - rows.length,
  )
  const write = (name: string, type: 'counter' | 'gauge', help: string, read: Reading): void => {
    const add = writer.begin(name, type, help)
    for (const row of rows) {
      const value = read(row)
      if (value !== null) {
        add(value, row.labels)
      }
    }
  }
  write('srs_stream_publishers', 'gauge', 'Publishers of the stream: 1 or 0.', ({ stream }) =>
    stream.publication === null ? 0 : 1,
  )
  write('srs_stream_players', 'gauge', 'Players of the stream.', ({ stream }) => stream.viewers.size)
  const counters: readonly (readonly [name: string, help: string, read: Reading])[] = [
    ['receive_bytes', 'Bytes of media taken from publishers.', ({ stream }) => stream.counters.bytesReceived],
    ['send_bytes', "Bytes handed to players' sockets.", ({ stream }) => stream.counters.bytesSent],
    ['frames', 'Frames taken from publishers.', ({ stream }) => stream.counters.frames],
    ['video_frames', 'Video frames among them.', ({ stream }) => stream.counters.videoFrames],
    ['damaged_messages', 'Messages left out as damaged.', ({ stream }) => stream.counters.framesDropped],
    ['publications', 'How often it was published.', ({ stream }) => stream.counters.publications],
    [
      'skips',
      'How often players were too far behind and skipped to a keyframe.',
      ({ stream }) => stream.skips,
    ],
  ]
  for (const [name, help, read] of counters) {
    write(`srs_stream_${name}_total`, 'counter', help, read)
  }
  writeHealth(write, writer, rows)
}

function writeHealth(
  write: (name: string, type: 'gauge', help: string, read: Reading) => void,
  writer: ExpositionWriter,
  rows: readonly Row[],
): void {
  const seconds = (ms: number | null | undefined): number | null =>
    ms === null || ms === undefined ? null : ms / 1000
  write('srs_stream_silent_seconds', 'gauge', "Since the publisher's newest audio or video.", ({ health }) =>
    seconds(health?.silentMs),
  )
  write(
    'srs_stream_keyframe_interval_seconds',
    'gauge',
    'Between the newest keyframe and the one before, of media.',
    ({ health }) => seconds(health?.video?.keyframeIntervalMs),
  )
  write('srs_stream_since_keyframe_seconds', 'gauge', 'Since the newest keyframe, of media.', ({ health }) =>
    seconds(health?.video?.sinceKeyframeMs),
  )
  write(
    'srs_stream_av_skew_seconds',
    'gauge',
    'How much audio is ahead of video where they come in.',
    ({ health }) => seconds(health?.skewMs),
  )
  const ofKinds = (
    name: string,
    help: string,
    read: (of: 'video' | 'audio', row: Row) => number | null,
  ): void => {
    const add = writer.begin(name, 'gauge', help)
    for (const row of rows) {
      for (const kind of ['video', 'audio'] as const) {
        const value = read(kind, row)
        if (value !== null) {
          add(value, `${row.labels},kind="${kind}"`)
        }
      }
    }
  }
  ofKinds(
    'srs_stream_frame_rate',
    'Frames a second that come in, of the last seconds.',
    (kind, { health }) => health?.[kind]?.frameRate ?? null,
  )
  ofKinds(
    'srs_stream_bits_per_second',
    'Bits a second that come in, of the last seconds.',
    (kind, { health }) => health?.[kind]?.bitRate ?? null,
  )
  ofKinds(
    'srs_stream_jitter_seconds',
    'How unevenly frames arrive beside their timestamps (RFC 3550).',
    (kind, { health }) => seconds(health?.[kind]?.jitterMs),
  )
}

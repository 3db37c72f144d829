import type { JSX } from 'preact'
import {
  formatAudioDetail,
  formatBitRate,
  formatCodecName,
  formatCount,
  formatFrameRate,
  formatSeconds,
  formatSize,
  formatVideoCodec,
  UNKNOWN,
} from '../format.ts'
import { reachable, session, source } from '../store.ts'

type Tile = Readonly<{ id: string; label: string; value: string; note: string }>

/** What is measured and known of the chosen stream. */
export function StatTiles(): JSX.Element {
  return (
    <dl class="tiles" aria-label="Statistics">
      {currentTiles().map(({ id, label, value, note }) => (
        <div class="tile" key={id} data-stat={id}>
          <dt>{label}</dt>
          <dd>
            <span class="tile-value">{value}</span>
            <span class="tile-note">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function currentTiles(): readonly Tile[] {
  const stats = session.stats.value
  const video = source.value?.video ?? null
  const audio = source.value?.audio ?? null
  const decoded = stats.width > 0
  return [
    {
      id: 'video',
      label: 'Video',
      value: formatSize(
        decoded ? stats.width : (video?.width ?? 0),
        decoded ? stats.height : (video?.height ?? 0),
      ),
      note: formatVideoCodec(video),
    },
    {
      id: 'audio',
      label: 'Audio',
      value: audio === null ? UNKNOWN : `${formatCodecName(audio.codec)} ${audio.profile}`.trim(),
      note: formatAudioDetail(audio),
    },
    {
      id: 'frame-rate',
      label: 'Frame rate',
      value: formatFrameRate(stats.framesPerSecond),
      note:
        stats.framesPerSecond === null ? '' : stats.frameRateMeasured ? 'measured' : 'as the stream states',
    },
    bitRateTile(),
    {
      id: 'latency',
      label: 'Latency',
      value: formatSeconds(stats.latencySeconds),
      note: stats.latencySeconds === null ? '' : stats.latencyBasis,
    },
    {
      id: 'dropped',
      label: 'Dropped frames',
      value: formatCount(stats.droppedFrames),
      note: stats.totalFrames === null ? '' : `of ${formatCount(stats.totalFrames)} decoded`,
    },
  ]
}

function bitRateTile(): Tile {
  const { bitsPerSecond, bitRateBasis } = session.stats.value
  const published =
    reachable.value === true && source.value?.publish.active === true ? source.value.kbps.recv_30s * 1000 : 0
  const tile = { id: 'bit-rate', label: 'Bit rate' }
  if (bitsPerSecond === null && published > 0) {
    return { ...tile, value: formatBitRate(published), note: 'published, 30 s average' }
  }
  return { ...tile, value: formatBitRate(bitsPerSecond), note: bitsPerSecond === null ? '' : bitRateBasis }
}

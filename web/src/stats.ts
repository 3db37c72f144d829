import { FrameRateMeter } from './measure.ts'
import type { Player } from './players/player.ts'

/** What is known about the playback at one moment; `null` for what is not. */
export type PlaybackStats = Readonly<{
  /** Size of the decoded picture in pixels; 0 before the first. */
  width: number
  height: number
  framesPerSecond: number | null
  /** Whether the frame rate was measured or only stated by the stream. */
  frameRateMeasured: boolean
  bitsPerSecond: number | null
  bitRateBasis: string
  latencySeconds: number | null
  latencyBasis: string
  droppedFrames: number | null
  totalFrames: number | null
}>

/** Nothing known. */
export const NO_STATS: PlaybackStats = {
  width: 0,
  height: 0,
  framesPerSecond: null,
  frameRateMeasured: false,
  bitsPerSecond: null,
  bitRateBasis: '',
  latencySeconds: null,
  latencyBasis: '',
  droppedFrames: null,
  totalFrames: null,
}

/** Reads the `<video>` element and its player. */
export class StatsMeter {
  readonly #frameRate = new FrameRateMeter()

  /** Forgets the measured frame rate; for a new player and for a playhead that jumped. */
  reset(): void {
    this.#frameRate.reset()
  }

  /** Takes a reading; to be called regularly, as the frame rate is measured between calls. */
  read(video: HTMLVideoElement, player: Player): PlaybackStats {
    const quality = video.getVideoPlaybackQuality()
    const measurements = player.measure()
    this.#frameRate.add(quality.totalVideoFrames, video.currentTime)
    const measured = this.#frameRate.value
    const hasPicture = quality.totalVideoFrames > 0
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      framesPerSecond: measured ?? measurements.declaredFrameRate,
      frameRateMeasured: measured !== null,
      bitsPerSecond: measurements.bitsPerSecond,
      bitRateBasis: measurements.bitRateBasis,
      latencySeconds: measurements.latencySeconds,
      latencyBasis: measurements.latencyBasis,
      droppedFrames: hasPicture ? quality.droppedVideoFrames : null,
      totalFrames: hasPicture ? quality.totalVideoFrames : null,
    }
  }
}

import Hls, {
  type ErrorData,
  ErrorDetails,
  ErrorTypes,
  Events,
  type FragLoadedData,
  type HlsConfig,
} from 'hls.js'
import { SlidingAverage } from '../measure.ts'
import type { PlaybackFailure, Player, PlayerMeasurements, PlayerOptions } from './player.ts'

/** A second decoder failure within this time is not worth another try. */
const RECOVERY_INTERVAL_MS = 5_000
/** Media, in seconds, over which the bit rate is averaged: about three fragments. */
const BIT_RATE_SPAN_SECONDS = 6

const CONFIG: Partial<HlsConfig> = {
  // In target durations: with fragments of 2 s the playhead aims at 4 s from the end. The specification's advice is 3;
  // the distance grows by itself, a second per stall, where 2 prove too few.
  liveSyncDurationCount: 2,
  liveMaxLatencyDurationCount: 6,
  liveSyncOnStallIncrease: 1,
  // Catching up by playback rate is part of what hls.js calls low latency mode.
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.1,
  liveDurationInfinity: true,
  backBufferLength: 20,
  maxBufferLength: 20,
  enableWorker: false,
}

/** HTTP status of the server for streams whose codecs HLS can't carry. */
const NOT_ACCEPTABLE = 406

/** Plays HLS by hls.js. */
export function createHlsPlayer(options: PlayerOptions): Player {
  return new HlsPlayer(options)
}

class HlsPlayer implements Player {
  readonly #video: HTMLVideoElement
  readonly #onFailure: PlayerOptions['onFailure']
  readonly #bitRate = new SlidingAverage(BIT_RATE_SPAN_SECONDS)
  #engine: Hls | null = null
  #recoveredAt = Number.NEGATIVE_INFINITY
  #loadedSeconds = 0
  #failed = false

  constructor(options: PlayerOptions) {
    this.#video = options.video
    this.#onFailure = options.onFailure
    if (!Hls.isSupported()) {
      queueMicrotask(() =>
        this.#fail({ kind: 'unsupported', detail: 'H.264 in Media Source Extensions is missing' }),
      )
      return
    }
    const engine = new Hls(CONFIG)
    this.#engine = engine
    engine.on(Events.ERROR, (_event, data) => this.#onError(data))
    engine.on(Events.FRAG_LOADED, (_event, data) => this.#onFragment(data))
    engine.loadSource(options.url)
    engine.attachMedia(this.#video)
  }

  measure(): PlayerMeasurements {
    const latency = this.#engine?.latency ?? 0
    return {
      latencySeconds: latency > 0 ? latency : null,
      latencyBasis: 'behind playlist end, estimated',
      bitsPerSecond: this.#bitRate.value,
      bitRateBasis: 'of the last segments',
      declaredFrameRate: null,
    }
  }

  goLive(): void {
    const position = this.#engine?.liveSyncPosition ?? null
    if (position !== null && position > this.#video.currentTime) {
      this.#video.currentTime = position
    }
  }

  destroy(): void {
    this.#failed = true
    this.#engine?.destroy()
    this.#engine = null
    this.#video.playbackRate = 1
  }

  #onFragment({ frag }: FragLoadedData): void {
    if (frag.sn === 'initSegment' || frag.duration <= 0) {
      return
    }
    this.#loadedSeconds += frag.duration
    this.#bitRate.add(this.#loadedSeconds, (frag.stats.loaded * 8) / frag.duration)
  }

  #onError(data: ErrorData): void {
    if (!data.fatal) {
      return
    }
    const now = performance.now()
    const decoding = data.type === ErrorTypes.MEDIA_ERROR && !isUnsupported(data)
    if (decoding && now - this.#recoveredAt > RECOVERY_INTERVAL_MS) {
      this.#recoveredAt = now
      this.#engine?.recoverMediaError()
      return
    }
    this.#fail(describeError(data))
  }

  #fail(failure: PlaybackFailure): void {
    if (!this.#failed) {
      this.#failed = true
      this.#onFailure(failure)
    }
  }
}

function describeError(data: ErrorData): PlaybackFailure {
  const status = data.response?.code ?? 0
  if (isUnsupported(data)) {
    return { kind: 'unsupported', detail: data.error.message }
  }
  if (status === NOT_ACCEPTABLE) {
    return { kind: 'unsupported', detail: 'the codecs of this stream do not go into HLS: choose FLV' }
  }
  if (data.type !== ErrorTypes.NETWORK_ERROR) {
    return { kind: 'media', detail: `the media could not be read (${data.error.message})` }
  }
  return status >= 400
    ? { kind: 'network', detail: `the server answered ${status}`, status }
    : { kind: 'network', detail: 'the connection failed or was cut' }
}

function isUnsupported(data: ErrorData): boolean {
  return (
    data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR ||
    data.details === ErrorDetails.BUFFER_ADD_CODEC_ERROR ||
    data.details === ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR
  )
}

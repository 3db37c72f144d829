import mpegts from 'mpegts.js'
import { SlidingAverage } from '../measure.ts'
import { bufferedAhead, seekNearEnd } from './media-element.ts'
import type { PlaybackFailure, Player, PlayerMeasurements, PlayerOptions } from './player.ts'
import { WebSocketLoader } from './websocket-loader.ts'

/** Where the playhead is put when it has to jump: far enough from the end to ride out one late frame batch. */
const LIVE_DISTANCE_SECONDS = 1
/** Above this the playhead jumps; below, playing a little faster is enough. */
const JUMP_LATENCY_SECONDS = 3
const CATCH_UP_LATENCY_SECONDS = 1.6
const TARGET_LATENCY_SECONDS = 0.9
const CATCH_UP_RATE = 1.1
/** Played media kept in memory. */
const BACK_BUFFER_SECONDS = 20
const BIT_RATE_SPAN_MS = 5_000
/** The server starts with what it has since the last key frame; that burst says nothing of the stream's rate. */
const BURST_MS = 2_500
const BITS_PER_KIBIBYTE = 8 * 1024
/** What a source buffer can't be made for (numbers of DOMException): a type that is not supported; a track that was not there at first. */
const NOT_SUPPORTED = 9
const QUOTA_EXCEEDED = 22

mpegts.LoggingControl.applyConfig({ enableAll: false })

/** Plays FLV over HTTP or, for a `ws:` address, over a WebSocket, by way of Media Source Extensions. */
export function createFlvPlayer(options: PlayerOptions): Player {
  return new FlvPlayer(options)
}

class FlvPlayer implements Player {
  readonly #video: HTMLVideoElement
  readonly #onFailure: PlayerOptions['onFailure']
  readonly #bitRate = new SlidingAverage(BIT_RATE_SPAN_MS)
  #engine: ReturnType<typeof mpegts.createPlayer> | null = null
  #declaredFrameRate: number | null = null
  #firstBytesAt: number | null = null
  #failed = false

  constructor(options: PlayerOptions) {
    this.#video = options.video
    this.#onFailure = options.onFailure
    if (!mpegts.isSupported()) {
      queueMicrotask(() => this.#fail({ kind: 'unsupported', detail: 'Media Source Extensions are missing' }))
      return
    }
    const engine = mpegts.createPlayer(
      {
        type: 'flv',
        isLive: true,
        url: options.url,
        ...(options.hasAudio === undefined ? {} : { hasAudio: options.hasAudio }),
        ...(options.hasVideo === undefined ? {} : { hasVideo: options.hasVideo }),
      },
      {
        ...(options.url.startsWith('ws') ? { customLoader: WebSocketLoader } : {}),
        // What arrives is handed on at once; the element's own buffer is the only one.
        enableStashBuffer: false,
        lazyLoad: false,
        // A tab opened in the background should start, too.
        deferLoadAfterSourceOpen: false,
        liveSync: true,
        liveSyncMaxLatency: CATCH_UP_LATENCY_SECONDS,
        liveSyncTargetLatency: TARGET_LATENCY_SECONDS,
        liveSyncPlaybackRate: CATCH_UP_RATE,
        liveBufferLatencyChasing: true,
        liveBufferLatencyMaxLatency: JUMP_LATENCY_SECONDS,
        liveBufferLatencyMinRemain: LIVE_DISTANCE_SECONDS,
        autoCleanupSourceBuffer: true,
        autoCleanupMaxBackwardDuration: 2 * BACK_BUFFER_SECONDS,
        autoCleanupMinBackwardDuration: BACK_BUFFER_SECONDS,
      },
    )
    this.#engine = engine
    engine.on(mpegts.Events.ERROR, (type: string, detail: string, info: unknown) => {
      this.#fail(describeError(type, detail, info))
    })
    engine.on(mpegts.Events.LOADING_COMPLETE, () => {
      this.#fail({ kind: 'network', detail: 'the server ended the stream' })
    })
    engine.on(mpegts.Events.MEDIA_INFO, (info: { fps?: number }) => {
      this.#declaredFrameRate = info.fps ?? null
    })
    engine.on(mpegts.Events.STATISTICS_INFO, (statistics: { speed?: number }) => {
      this.#onStatistics((statistics.speed ?? 0) * BITS_PER_KIBIBYTE)
    })
    engine.attachMediaElement(this.#video)
    engine.load()
  }

  measure(): PlayerMeasurements {
    return {
      latencySeconds: this.#video.buffered.length === 0 ? null : bufferedAhead(this.#video),
      latencyBasis: 'behind newest received',
      bitsPerSecond: this.#bitRate.value,
      bitRateBasis: 'received, 5 s average',
      declaredFrameRate: this.#declaredFrameRate,
    }
  }

  goLive(): void {
    seekNearEnd(this.#video, this.#video.buffered, LIVE_DISTANCE_SECONDS)
  }

  destroy(): void {
    this.#failed = true
    this.#engine?.destroy()
    this.#engine = null
    this.#video.playbackRate = 1
  }

  #onStatistics(bitsPerSecond: number): void {
    const now = performance.now()
    if (this.#firstBytesAt === null && bitsPerSecond > 0) {
      this.#firstBytesAt = now
    }
    if (this.#firstBytesAt !== null && now - this.#firstBytesAt > BURST_MS) {
      this.#bitRate.add(now, bitsPerSecond)
    }
  }

  #fail(failure: PlaybackFailure): void {
    if (!this.#failed) {
      this.#failed = true
      // Not from within mpegts.js, which is not done: who hears of it destroys the player.
      queueMicrotask(() => this.#onFailure(failure))
    }
  }
}

function describeError(type: string, detail: string, info: unknown): PlaybackFailure {
  const { code, msg } = info as { code?: number; msg?: string }
  const reason = msg ? `${detail}: ${msg}` : detail
  const isSourceFault = detail === mpegts.ErrorDetails.MEDIA_MSE_ERROR
  if (detail === mpegts.ErrorDetails.MEDIA_CODEC_UNSUPPORTED || (isSourceFault && code === NOT_SUPPORTED)) {
    return { kind: 'unsupported', detail: reason }
  }
  if (isSourceFault && code === QUOTA_EXCEEDED) {
    return { kind: 'outgrown', detail: reason }
  }
  if (type !== mpegts.ErrorTypes.NETWORK_ERROR) {
    return { kind: 'media', detail: `the media could not be read (${reason})` }
  }
  if (detail === mpegts.ErrorDetails.NETWORK_STATUS_CODE_INVALID && code !== undefined) {
    return { kind: 'network', detail: `the server answered ${code}`, status: code }
  }
  return { kind: 'network', detail: 'the connection failed or was cut' }
}

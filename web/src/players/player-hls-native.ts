import { emptyElement, endOf, seekNearEnd } from './media-element.ts'
import type { Player, PlayerMeasurements, PlayerOptions } from './player.ts'

/** Three fragments of 2 s, as RFC 8216, section 6.3.3 advises. */
const LIVE_DISTANCE_SECONDS = 6
const HLS_MEDIA_TYPE = 'application/vnd.apple.mpegurl'

/** Plays HLS by the browser itself; for browsers (Safari on older iPhones) that do not let a page feed them media. */
export function createNativeHlsPlayer(options: PlayerOptions): Player {
  return new NativeHlsPlayer(options)
}

class NativeHlsPlayer implements Player {
  readonly #video: HTMLVideoElement
  readonly #listening = new AbortController()

  constructor({ video, url, onFailure }: PlayerOptions) {
    this.#video = video
    if (video.canPlayType(HLS_MEDIA_TYPE) === '') {
      queueMicrotask(() => onFailure({ kind: 'unsupported', detail: 'the browser has no player for HLS' }))
      return
    }
    const once = { once: true, signal: this.#listening.signal }
    video.addEventListener('error', () => onFailure(describeError(video.error)), once)
    video.addEventListener('ended', () => onFailure({ kind: 'network', detail: 'the stream ended' }), once)
    video.src = url
  }

  measure(): PlayerMeasurements {
    const end = endOf(this.#video.seekable)
    return {
      latencySeconds: end > 0 && Number.isFinite(end) ? end - this.#video.currentTime : null,
      latencyBasis: 'behind newest offered',
      bitsPerSecond: null,
      bitRateBasis: '',
      declaredFrameRate: null,
    }
  }

  goLive(): void {
    seekNearEnd(this.#video, this.#video.seekable, LIVE_DISTANCE_SECONDS)
  }

  destroy(): void {
    if (!this.#listening.signal.aborted) {
      this.#listening.abort()
      emptyElement(this.#video)
    }
  }
}

function describeError(error: MediaError | null): Parameters<PlayerOptions['onFailure']>[0] {
  // Safari reports an address that is not there as "source not supported" as well, so this is never final.
  const kind = error?.code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network'
  return { kind, detail: error?.message || 'the browser could not load the stream' }
}

import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Logger } from '../../base/index.ts'
import type { EndReason, Frame, Sink, Stream } from '../../live/index.ts'
import { type HlsContinuation, HlsSegmenter } from './hls-segmenter.ts'
import type { HlsOptions } from './options.ts'

/** Random part of the segments' names where nothing else protects them, bytes. */
const SEGMENT_NAME_SECRET_BYTES = 12

/** What an `HlsOutput` is made with. */
export type HlsOutputSetup = Readonly<{
  /** What is turned into HLS. */
  stream: Stream
  /** Segments and window, until `update`. */
  options: HlsOptions
  /** For the first sequence number and EXT-X-PROGRAM-DATE-TIME. */
  clock: Clock
  /** Told of frames that are left out. */
  logger: Logger
}>

/**
 * HLS of one stream, made while somebody watches: the first viewer starts the muxer, the last one to leave ends it. Its
 * numbers go on over such pauses.
 */
export class HlsOutput implements Sink {
  readonly #setup: HlsOutputSetup
  #options: HlsOptions
  #segmenter: HlsSegmenter | null = null
  #detach: (() => void) | null = null
  #continuation: HlsContinuation
  #framesMuxed = 0
  readonly #segmentName: string

  /** Nothing is muxed until `start`. */
  constructor(setup: HlsOutputSetup) {
    this.#setup = setup
    // A lone surrogate cannot be written in a URL.
    const stream = setup.stream.name.stream.toWellFormed()
    this.#segmentName = setup.options.segmentContext
      ? stream
      : `${stream}-${randomBytes(SEGMENT_NAME_SECRET_BYTES).toString('base64url')}`
    this.#options = setup.options
    // Numbers begin with the time in seconds: they don't go back when the stream, or the server, starts anew. Those of absolute time
    // are the publisher's.
    this.#continuation = {
      firstSequenceNumber: keepsTime(setup.stream) ? 0 : Math.floor(setup.clock.wallTime() / 1000),
      firstDiscontinuitySequence: 0,
    }
  }

  /** What segments are fetched by: application and name, without number and extension. */
  get segmentPath(): string {
    return `${this.#setup.stream.name.app}/${this.#segmentName}`
  }

  /** Whether segments are for viewers only; their names are made for it, so it stays as it was at first. */
  get segmentContext(): boolean {
    return this.#setup.options.segmentContext
  }

  /** What it is made of. */
  get stream(): Stream {
    return this.#setup.stream
  }

  /** Frames muxed so far, over all pauses: none while nobody watches. */
  get framesMuxed(): number {
    return this.#framesMuxed + (this.#segmenter?.stats.framesMuxed ?? 0)
  }

  /** A viewer that asks for nothing for so long has left, ms: twice what the playlist covers, as in SRS. */
  get viewerTimeoutMs(): number {
    return 2 * (this.#segmenter?.windowMs ?? this.#options.windowMs)
  }

  /** Goes on with other options, from the next segment on. */
  update(options: HlsOptions): void {
    this.#options = options
    this.#segmenter?.update(options)
  }

  /** Begins to mux, from the newest GOP on, if it doesn't already. */
  start(): void {
    const { stream, clock, logger } = this.#setup
    if (this.#segmenter !== null || stream.ended) {
      return
    }
    const segmenter = new HlsSegmenter({
      name: this.#segmentName,
      continuation: this.#continuation,
      options: this.#options,
      keepsTime: keepsTime(stream),
      wallClock: clock,
      logger,
    })
    this.#segmenter = segmenter
    const { videoSequenceHeader, audioSequenceHeader } = stream.state
    for (const header of [videoSequenceHeader, audioSequenceHeader]) {
      if (header !== null) {
        segmenter.prime(header)
      }
    }
    for (const frame of stream.gop) {
      segmenter.onFrame(frame)
    }
    this.#detach = stream.attach(this)
  }

  /** Ends muxing and lets go of all segments. */
  stop(): void {
    this.#detach?.()
    this.#detach = null
    if (this.#segmenter !== null) {
      this.#framesMuxed += this.#segmenter.stats.framesMuxed
      this.#continuation = this.#segmenter.continuation
      this.#segmenter = null
    }
  }

  /**
   * The media playlist; waits for the first segment.
   * @param timeoutMs how long to wait
   * @returns null if there was none in time, or the stream has ended without one
   */
  async playlist(timeoutMs: number): Promise<string | null> {
    const segmenter = this.#segmenter
    if (segmenter === null || segmenter.playlist() !== null || this.#setup.stream.ended) {
      return segmenter?.playlist() ?? null
    }
    const waiting = new AbortController()
    try {
      await Promise.race([
        segmenter.nextChange(waiting.signal),
        delay(timeoutMs, undefined, { signal: waiting.signal, ref: false }),
      ]).catch(() => {
        // The stream ended while waiting: there is no playlist, which is the answer below.
      })
    } finally {
      waiting.abort()
    }
    return segmenter.playlist()
  }

  /** A segment's bytes by its file name; null if there is none (any more). */
  segment(fileName: string): Uint8Array | null {
    return this.#segmenter?.segment(fileName) ?? null
  }

  /** As its segmenter does. */
  get keepsFrames(): boolean {
    return this.#segmenter?.keepsFrames ?? false
  }

  /** A frame of the stream. */
  onFrame(frame: Frame): void {
    this.#segmenter?.onFrame(frame)
  }

  /** The publisher left. */
  onPublishEnd(reason: EndReason): void {
    this.#segmenter?.onPublishEnd(reason)
  }

  /** The stream is over; the playlist, with its end marked, stays until `stop`. */
  onEnd(reason: EndReason): void {
    this.#segmenter?.onEnd(reason)
  }
}

/** Whether a stream has the absolute time of its publisher, so that other servers that have it cut alike. */
function keepsTime({ vhost: { streams }, state }: Stream): boolean {
  return streams.atc || (streams.atcAuto && state.metadataProperties?.bravo_atc === 'true')
}

import {
  type Clock,
  ClosedError,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock,
  toError,
} from '../../base/index.ts'
import type { EndReason, Frame, Sink } from '../../live/index.ts'
import type { Codec } from '../../media/index.ts'
import { ChangeWaiters } from './change-waiters.ts'
import {
  type AudioSetup,
  audioPieces,
  MP3_SETUP,
  readAudioSetup,
  readVideoSetup,
  type VideoSetup,
  videoPieces,
} from './elementary-stream.ts'
import { type HlsOptions, resolveHlsOptions } from './options.ts'
import { SegmentCutter } from './segment-cutter.ts'
import { type HlsSegment, SegmentWindow } from './segment-window.ts'

/** What an `HlsSegmenter` is made with. */
export type HlsSegmenterSetup = Readonly<{
  /** The last part of the stream's path; segments are called `{name}-{sequence}.ts`. */
  name: string
  /** Where a former segmenter of the same playlist left off. Default: nowhere, both numbers are 0. */
  continuation?: HlsContinuation
  /** Default `DEFAULT_HLS_OPTIONS`. */
  options?: Partial<HlsOptions>
  /**
   * The stream has its publisher's absolute time (`atc`): segments end at the first keyframe behind a multiple of `fragmentMs` of
   * that time, and have its number, so that several servers that one encoder feeds make the same ones. Default false.
   */
  keepsTime?: boolean
  /** For EXT-X-PROGRAM-DATE-TIME. Default: the machine's. */
  wallClock?: Pick<Clock, 'wallTime'>
  /** Told of frames that are left out: once per codec, and once per segment for damaged ones. Default: nobody. */
  logger?: Logger
}>

/** Where a playlist goes on when its stream comes back: its numbers never go back. */
export type HlsContinuation = Readonly<{
  /** The number of the next segment; that segment is a discontinuity unless it is 0. */
  firstSequenceNumber: number
  /** Discontinuities before that segment. */
  firstDiscontinuitySequence: number
}>

/** Counts since the segmenter was made. */
export type HlsStats = Readonly<{
  /** Frames in segments. */
  framesMuxed: number
  /** Frames left out because a transport stream does not carry their codec. */
  framesUnsupported: number
  /** Frames and sequence headers left out because they cannot be read. */
  framesDamaged: number
  /** Frames left out because they hold nothing to play, or came before their sequence header or a first keyframe. */
  framesSkipped: number
  /** Segments completed. */
  segments: number
  /** Bytes held at present: complete segments, listed or not, and what is being written. */
  bytesHeld: number
}>

/**
 * Turns a stream into HLS (RFC 8216): MPEG-TS segments of H.264 or HEVC with AAC or MP3, kept in memory, and their playlist.
 *
 * A segment ends at the first keyframe after `fragmentMs`; without video, or when no picture came for so long, at the first
 * audio frame after it. Without keyframes it is cut off after `MAX_SEGMENT_FRAGMENTS` times as long, or when it is larger
 * than `maxSegmentBytes`. The first begins with a keyframe. Whether there is any video shows within `fragmentMs`: audio
 * waits for so long, which costs no time, as a segment of audio would not be complete earlier. If video was announced,
 * audio waits for its keyframe, up to `MAX_SEGMENT_FRAGMENTS` times as long.
 *
 * A changed sequence header ends the segment at the next keyframe; the segment after it carries EXT-X-DISCONTINUITY, as does
 * the first one after a publisher left, after frames were missed, and after a hole in the timeline. Audio that needs the
 * new header is left out up to that keyframe.
 */
export class HlsSegmenter implements Sink {
  readonly #name: string
  readonly #logger: Logger
  readonly #window: SegmentWindow
  readonly #cutter: SegmentCutter
  readonly #waiters = new ChangeWaiters()
  readonly #reportedCodecs = new Set<Codec>()
  readonly #counts = { unsupported: 0, damaged: 0, skipped: 0, segments: 0 }
  #video: VideoSetup | null = null
  #audio: AudioSetup | null = null
  /** The segment in which damage was reported last. */
  #damageReportedIn = -1
  #ended = false

  /** @throws ServerError ERR_CONFIGURATION if an option has no usable value */
  constructor(setup: HlsSegmenterSetup) {
    const options = resolveHlsOptions(setup.options ?? {})
    // A lone surrogate cannot be written in a URL.
    this.#name = setup.name.toWellFormed()
    this.#logger = setup.logger ?? silentLogger
    this.#window = new SegmentWindow(options, setup.continuation?.firstDiscontinuitySequence ?? 0)
    this.#cutter = new SegmentCutter({
      name: this.#name,
      firstSequenceNumber: setup.continuation?.firstSequenceNumber ?? 0,
      options,
      keepsTime: setup.keepsTime ?? false,
      wallClock: setup.wallClock ?? systemClock,
      onSegment: (segment) => this.#onSegment(segment),
    })
  }

  /** Goes on with other options: the present segment ends by them, the window is theirs from the next segment on. */
  update(options: HlsOptions): void {
    this.#window.update(options)
    this.#cutter.update(options)
  }

  /** The playlist's text; null until the first segment is complete. Ends with EXT-X-ENDLIST once the stream is over. */
  playlist(): string | null {
    return this.#window.playlist()
  }

  /**
   * A segment's bytes by its file name (as it is, not percent-encoded); null if there is none (any more). Segments stay a
   * while after they left the playlist. Shared: never write into them.
   */
  segment(fileName: string): Uint8Array | null {
    return this.#window.find(fileName)
  }

  /**
   * Resolves when the playlist changes next.
   * @param signal ends the wait; rejects with its reason
   * @throws ClosedError when the stream is over and nothing will change
   */
  async nextChange(signal?: AbortSignal): Promise<void> {
    if (this.#ended) {
      throw this.#closedError()
    }
    await this.#waiters.wait(signal)
  }

  /** For a later segmenter of the same playlist, so that its numbers go on from here. */
  get continuation(): HlsContinuation {
    return {
      firstSequenceNumber: this.#cutter.nextSequence,
      firstDiscontinuitySequence: this.#window.discontinuities,
    }
  }

  /** What the playlist covers at least, ms, once there is so much. */
  get windowMs(): number {
    return this.#window.windowMs
  }

  /** Counts since the segmenter was made. */
  get stats(): HlsStats {
    return {
      framesMuxed: this.#cutter.framesMuxed,
      framesUnsupported: this.#counts.unsupported,
      framesDamaged: this.#counts.damaged,
      framesSkipped: this.#counts.skipped + this.#cutter.framesSkipped,
      segments: this.#counts.segments,
      bytesHeld: this.#window.heldBytes + this.#cutter.heldBytes,
    }
  }

  /** Only audio that waits is kept; the rest is muxed at once. */
  get keepsFrames(): boolean {
    return this.#cutter.waits
  }

  /** Takes a frame; one that cannot be muxed is counted, logged and left out. */
  onFrame(frame: Frame): void {
    if (this.#ended) {
      return
    }
    try {
      this.#take(frame)
    } catch (thrown) {
      this.#onDamaged(frame, toError(thrown))
    }
  }

  /**
   * Takes a sequence header that the stream had before the segmenter came. Other than by `onFrame` it announces nothing:
   * it may be of a publisher who is gone, and audio is not to wait for that one's video.
   */
  prime(header: Frame): void {
    try {
      this.#takeSequenceHeader(header)
    } catch (thrown) {
      this.#onDamaged(header, toError(thrown))
    }
  }

  /** Frames were lost before the next one, e.g. while the segmenter was detached: starts anew at a keyframe. */
  onFramesMissed(): void {
    this.#cutter.endRun()
  }

  /** Completes the current segment; the next publisher's first segment is a discontinuity. */
  onPublishEnd(_reason: EndReason): void {
    // The sequence headers stay: a stream does not repeat them when the next publisher's are the same.
    this.#cutter.endPublication()
  }

  /** Completes the current segment and the playlist, and lets go of all who wait. */
  onEnd(_reason: EndReason): void {
    if (this.#ended) {
      return
    }
    this.#cutter.endPublication()
    this.#ended = true
    this.#window.end()
    this.#waiters.rejectAll(this.#closedError())
  }

  #take(frame: Frame): void {
    if (frame.trackId !== 0 || frame.description) {
      return // a transport stream here has one video and one audio stream
    }
    switch (frame.codec) {
      case 'avc':
      case 'hevc':
        this.#takeVideo(frame)
        return
      case 'aac':
      case 'mp3':
        this.#takeAudio(frame)
        return
      default:
        this.#leaveOutUnsupported(frame)
    }
  }

  #takeVideo(frame: Frame): void {
    this.#cutter.expectVideo()
    if (frame.sequenceHeader) {
      this.#takeSequenceHeader(frame)
      return
    }
    const setup = this.#video
    const pieces = setup?.codec === frame.codec ? videoPieces(frame, setup) : []
    if (setup === null || pieces.length === 0) {
      this.#counts.skipped++
      return
    }
    this.#cutter.addVideo({ frame, setup, pieces })
  }

  #takeAudio(frame: Frame): void {
    if (frame.sequenceHeader) {
      this.#takeSequenceHeader(frame)
      return
    }
    if (frame.codec === 'mp3') {
      this.#audio = MP3_SETUP
    }
    const setup = this.#audio
    const pieces = setup?.codec === frame.codec ? audioPieces(frame, setup) : []
    if (setup === null || pieces.length === 0) {
      this.#counts.skipped++
      return
    }
    this.#cutter.addAudio({ timestamp: frame.timestamp, setup, pieces })
  }

  #takeSequenceHeader(frame: Frame): void {
    if (frame.codec === 'avc' || frame.codec === 'hevc') {
      this.#video = readVideoSetup(frame, this.#video)
    } else if (frame.codec === 'aac') {
      this.#audio = readAudioSetup(frame, this.#audio)
      this.#cutter.changeAudio(this.#audio)
    }
  }

  #onSegment(segment: HlsSegment): void {
    this.#counts.segments++
    this.#window.add(segment)
    this.#waiters.resolveAll()
  }

  #leaveOutUnsupported(frame: Frame): void {
    if (frame.kind === 'data' || frame.sequenceHeader) {
      return
    }
    this.#counts.unsupported++
    if (this.#reportedCodecs.has(frame.codec)) {
      return
    }
    this.#reportedCodecs.add(frame.codec)
    const fields = { stream: this.#name, codec: frame.codec }
    this.#logger.warn(fields, `${frame.codec} cannot go into HLS segments, its ${frame.kind} is left out`)
  }

  #onDamaged(frame: Frame, error: Error): void {
    this.#counts.damaged++
    // Once per segment: a broken encoder breaks every frame.
    if (this.#damageReportedIn === this.#cutter.nextSequence) {
      return
    }
    this.#damageReportedIn = this.#cutter.nextSequence
    const fields = { stream: this.#name, framesDamaged: this.#counts.damaged, error }
    if (error instanceof ProtocolError) {
      this.#logger.warn(fields, `a damaged ${frame.kind} frame is left out of HLS: ${error.message}`)
    } else {
      this.#logger.error(fields, `HLS failed at a ${frame.kind} frame: ${error.message}`)
    }
  }

  #closedError(): ClosedError {
    return new ClosedError(`the HLS stream ${this.#name} is over`)
  }
}

import { type Clock, type Ms, ms } from '../../base/index.ts'
import { TsMuxer } from '../../media/index.ts'
import { type AudioSetup, audioFrameMs, type VideoSetup } from './elementary-stream.ts'
import { FrameTimes, MIN_GAP_MS } from './frame-times.ts'
import type { HlsOptions } from './options.ts'
import { ProgramDateTime } from './program-date-time.ts'
import { type AudioUnit, SegmentBuilder, type SegmentStart, type VideoUnit } from './segment-builder.ts'
import type { HlsSegment } from './segment-window.ts'
import { TimeGrid } from './time-grid.ts'

/** A segment without a keyframe to end at is cut off when it is so many times `fragmentMs` long. */
export const MAX_SEGMENT_FRAGMENTS = 10

/** Audio frames held back at most while it is open whether there is video. */
export const MAX_WAITING_AUDIO_FRAMES = 4096

/** What a `SegmentCutter` is made with. */
export type SegmentCutterSetup = Readonly<{
  /** Segments are called `{name}-{sequence}.ts`. */
  name: string
  /** The number of the first segment. If it is not 0, that segment is a discontinuity. */
  firstSequenceNumber: number
  options: HlsOptions
  /** Whether segments end where the stream's own time says; see `TimeGrid`. */
  keepsTime: boolean
  wallClock: Pick<Clock, 'wallTime'>
  /** Takes each segment when it is complete. */
  onSegment: (segment: HlsSegment) => void
}>

/** Decides where segments begin and end, and has them written. The rules are those `HlsSegmenter` states. */
export class SegmentCutter {
  /** Frames written into segments. */
  framesMuxed = 0
  /** Frames left out because decoding could not begin with them. */
  framesSkipped = 0
  readonly #setup: SegmentCutterSetup
  #options: HlsOptions
  readonly #muxer = new TsMuxer({ video: null, audio: null })
  readonly #programDateTime: ProgramDateTime
  readonly #times = new FrameTimes()
  #nextSequence: number
  /** Null where segments are counted from where they begin. */
  readonly #grid: TimeGrid | null
  #segment: SegmentBuilder | null = null
  #videoExpected = false
  /** Audio that came before it is clear whether there is video. */
  #waiting: AudioUnit[] = []
  #waitingBytes = 0
  #lastSegmentBytes = 0

  /** @param setup see its type */
  constructor(setup: SegmentCutterSetup) {
    this.#setup = setup
    this.#options = setup.options
    this.#programDateTime = new ProgramDateTime(setup.wallClock)
    this.#nextSequence = setup.firstSequenceNumber
    this.#grid = setup.keepsTime ? new TimeGrid() : null
  }

  /** Goes on with other options; the segment being written ends by them. */
  update(options: HlsOptions): void {
    this.#options = options
  }

  /** The number of the segment being written, or of the next one. */
  get nextSequence(): number {
    return this.#nextSequence
  }

  /** Bytes of the segment being written and of audio held back. */
  get heldBytes(): number {
    return (this.#segment?.length ?? 0) + this.#waitingBytes
  }

  /** Audio is held back. */
  get waits(): boolean {
    return this.#waiting.length > 0
  }

  /** There is video, or it was announced: audio waits longer for the first keyframe. */
  expectVideo(): void {
    this.#videoExpected = true
  }

  /** Audio goes on with another setup: the present segment is to end soon if it has audio of a former one. */
  changeAudio(setup: AudioSetup): void {
    if (this.#segment !== null && this.#segment.audio !== null && this.#segment.audio !== setup) {
      this.#segment.outdated = true
    }
  }

  /** Takes a picture. */
  addVideo(unit: VideoUnit): void {
    const { timestamp } = unit.frame
    this.#checkForGap('video', timestamp)
    const segment = this.#segmentForVideo(unit)
    if (segment === null) {
      this.framesSkipped++
      return
    }
    segment.writeVideo(unit)
    this.framesMuxed++
    this.#times.note('video', timestamp, null)
    this.#releaseWaitingAudio(timestamp)
  }

  /** Takes an audio frame. */
  addAudio(unit: AudioUnit): void {
    this.#checkForGap('audio', unit.timestamp)
    if (this.#segment === null) {
      this.#wait(unit)
    } else {
      this.#writeAudio(this.#segment, unit)
    }
  }

  /** The publisher left: its last segment is complete, and whether the next one has video is open again. */
  endPublication(): void {
    this.endRun()
    this.#videoExpected = false
  }

  /** What comes next does not follow what came: the present segment is complete. */
  endRun(): void {
    if (this.#segment === null && !this.#videoExpected) {
      this.#beginWithAudio()
    }
    this.#complete(this.#times.end)
    this.#dropWaitingAudio()
    this.#times.restart()
    this.#grid?.restart()
  }

  #checkForGap(kind: 'audio' | 'video', timestamp: Ms): void {
    if (this.#times.isGap(timestamp)) {
      this.#complete(this.#times.end)
      this.#times.restartAfterGap(kind, timestamp)
    }
  }

  /** The segment a picture goes into; null if decoding cannot begin with it. */
  #segmentForVideo({ frame, setup }: VideoUnit): SegmentBuilder | null {
    const segment = this.#segment
    const { timestamp, keyframe } = frame
    if (segment === null) {
      return keyframe && this.#isWhole(timestamp) ? this.#begin(timestamp, setup) : null
    }
    if (keyframe && (segment.start.video !== setup || segment.outdated)) {
      this.#complete(timestamp)
      return this.#begin(timestamp, setup)
    }
    if (segment.start.video === null) {
      return null
    }
    const complete = keyframe && this.#isLongEnough(segment, timestamp)
    return complete || this.#isTooLong(segment, timestamp) ? this.#continue(segment, timestamp) : segment
  }

  #writeAudio(segment: SegmentBuilder, unit: AudioUnit): void {
    const target = this.#segmentForAudio(segment, unit)
    if (target === null) {
      this.framesSkipped++
      return
    }
    target.writeAudio(unit)
    this.framesMuxed++
    this.#times.note('audio', unit.timestamp, audioFrameMs(unit.setup))
  }

  /** The segment an audio frame goes into; null if it has to wait for one that begins with a keyframe. */
  #segmentForAudio(segment: SegmentBuilder, { timestamp, setup }: AudioUnit): SegmentBuilder | null {
    const hasVideo = segment.start.video !== null
    if (segment.audio === null && segment.start.beginsRun) {
      return segment
    }
    if (segment.audio !== setup) {
      segment.outdated = true
      if (hasVideo) {
        return null
      }
      this.#complete(timestamp)
      return this.#begin(timestamp, null)
    }
    const { fragmentMs } = this.#options
    const lastPicture = this.#times.last('video')
    const goesWithoutVideo = !hasVideo || lastPicture === null || timestamp - lastPicture >= fragmentMs
    const complete = goesWithoutVideo && this.#isLongEnough(segment, timestamp)
    return complete || this.#isTooLong(segment, timestamp) ? this.#continue(segment, timestamp) : segment
  }

  #isLongEnough(segment: SegmentBuilder, timestamp: Ms): boolean {
    const { fragmentMs } = this.#options
    const grid = this.#grid
    return grid === null
      ? segment.elapsed(timestamp) >= fragmentMs
      : grid.slotOf(timestamp, fragmentMs) > grid.slotOf(segment.start.timestamp, fragmentMs)
  }

  /** Whether a first segment may begin there. */
  #isWhole(timestamp: Ms): boolean {
    return this.#grid?.isWhole(timestamp, this.#options.fragmentMs) ?? true
  }

  #isTooLong(segment: SegmentBuilder, timestamp: Ms): boolean {
    const { fragmentMs, maxSegmentBytes } = this.#options
    return (
      segment.elapsed(timestamp) >= MAX_SEGMENT_FRAGMENTS * fragmentMs || segment.length >= maxSegmentBytes
    )
  }

  /** Holds audio back until it is clear whether there is video. */
  #wait(unit: AudioUnit): void {
    const previous = this.#waiting.at(-1)
    if (previous !== undefined && unit.timestamp - previous.timestamp > MIN_GAP_MS) {
      this.#dropWaitingAudio()
    }
    this.#waiting.push(unit)
    for (const piece of unit.pieces) {
      this.#waitingBytes += piece.length
    }
    const { fragmentMs, maxSegmentBytes } = this.#options
    const first = this.#waiting[0] ?? unit
    const patience = fragmentMs * (this.#videoExpected ? MAX_SEGMENT_FRAGMENTS : 1)
    if (
      unit.timestamp - first.timestamp >= patience ||
      this.#waiting.length >= MAX_WAITING_AUDIO_FRAMES ||
      this.#waitingBytes >= maxSegmentBytes
    ) {
      this.#beginWithAudio()
    }
  }

  /** There is no video: what waited begins a segment of its own. */
  #beginWithAudio(): void {
    const first = this.#waiting.find(({ timestamp }) => this.#isWhole(timestamp))
    if (first !== undefined) {
      this.#begin(first.timestamp, null)
      this.#releaseWaitingAudio(first.timestamp)
    }
  }

  /** Writes the audio that waited, as far as it is not before the segment's beginning. */
  #releaseWaitingAudio(from: Ms): void {
    if (this.#waiting.length === 0) {
      return
    }
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    for (const unit of waiting) {
      if (this.#segment !== null && unit.timestamp >= from) {
        this.#writeAudio(this.#segment, unit)
      } else {
        this.framesSkipped++
      }
    }
  }

  #dropWaitingAudio(): void {
    this.framesSkipped += this.#waiting.length
    this.#waiting = []
    this.#waitingBytes = 0
  }

  /** A first segment, or one that does not go on where the one before ended. */
  #begin(timestamp: Ms, video: VideoSetup | null): SegmentBuilder {
    if (this.#grid !== null) {
      this.#nextSequence = Math.max(
        this.#nextSequence,
        this.#grid.slotOf(timestamp, this.#options.fragmentMs),
      )
      if (video !== null) {
        // Where the segment before is made, too, this audio is in that.
        this.#dropWaitingAudio()
      }
    }
    const newest = ms(Math.max(timestamp, this.#waiting.at(-1)?.timestamp ?? timestamp))
    this.#programDateTime.restart()
    return this.#open({
      timestamp,
      video,
      audio: null,
      discontinuity: this.#nextSequence > 0,
      beginsRun: true,
      programDateTime: this.#programDateTime.at(timestamp, newest),
    })
  }

  /** Completes the segment; the next one goes on where it ended, with the same tracks unless they are outdated. */
  #continue(segment: SegmentBuilder, at: Ms): SegmentBuilder {
    this.#complete(at)
    const { video } = segment.start
    if (segment.outdated) {
      return this.#begin(at, video)
    }
    const timestamp = ms(Math.max(at, segment.start.timestamp))
    return this.#open({
      timestamp,
      video,
      audio: segment.audio,
      discontinuity: false,
      beginsRun: false,
      programDateTime: this.#programDateTime.at(timestamp, timestamp),
    })
  }

  #open(start: SegmentStart): SegmentBuilder {
    this.#segment = new SegmentBuilder(this.#muxer, start, this.#lastSegmentBytes)
    return this.#segment
  }

  /** The present segment ends at `end`. */
  #complete(end: Ms): void {
    const segment = this.#segment
    if (segment === null) {
      return
    }
    this.#segment = null
    const bytes = segment.finish()
    const sequence = this.#nextSequence++
    this.#lastSegmentBytes = bytes.length
    this.#setup.onSegment({
      sequence,
      fileName: `${this.#setup.name}-${sequence}.ts`,
      bytes,
      duration: segment.elapsed(end),
      discontinuity: segment.start.discontinuity,
      programDateTime: segment.start.programDateTime,
    })
  }
}

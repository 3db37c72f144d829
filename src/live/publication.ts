import {
  type Clock,
  ClosedError,
  emptyRelayTrail,
  joinRelayTrails,
  LimitError,
  type Ms,
  ms,
  ProtocolError,
  RateLimit,
  type RelayTrail,
} from '../base/index.ts'
import {
  type Amf0Object,
  AudioPacketType,
  type AudioTagInfo,
  isPlainTagBody,
  MAX_TRACKS,
  parseAudioTagBody,
  parseVideoTagBody,
  splitTracks,
  type TrackTagBody,
  VideoPacketType,
  type VideoTagInfo,
} from '../media/index.ts'
import type { ClientInfo, StreamRequest } from './client.ts'
import { DataTimes } from './data-times.ts'
import { type Frame, isConfiguration } from './frame.ts'
import { readScriptData } from './metadata.ts'
import type { Source } from './ports.ts'
import { type PublisherHealth, PublisherMeter } from './publisher-health.ts'
import type { EndReason } from './sink.ts'
import type { StreamCounters } from './stream-counters.ts'
import type { Timeline } from './timeline.ts'

/** Bytes of one frame of `StreamState.configurations`; there are at most `4 * MAX_TRACKS`. */
export const MAX_TRACK_CONFIGURATION_BYTES = 65_536

/**
 * Messages that can't be understood, at once: a publisher that sends more is closed. One odd packet must not end a stream, but
 * each costs more than a good one.
 */
export const MAX_DAMAGED_AT_ONCE = 1000

/** Messages a second that can't be understood and are left out, for as long as they come. */
export const DAMAGED_PER_SECOND = 100

/** What a publication needs of its stream. */
type StreamAccess = Readonly<{
  clock: Clock
  timeline: Timeline
  counters: StreamCounters
  mayBeLateMs(): number
  /** A copy of a frame's body, for as long as somebody may read the frame. */
  keep(body: Uint8Array): Uint8Array
  push(frame: Frame): void
  pushMetadata(frame: Frame, properties: Amf0Object): void
  clearMetadata(): void
  end(reason: EndReason): void
}>

/**
 * One publisher's time on a stream: takes FLV tag bodies with the publisher's own timestamps, gives the stream frames on
 * its timeline.
 */
export class Publication {
  /** What was asked for, and by whom. */
  readonly request: StreamRequest
  /** When it began, since the Unix epoch. */
  readonly startedAt: Ms
  readonly #source: Source
  readonly #stream: StreamAccess
  readonly #dataTimes = new DataTimes()
  #lastWriteAt: Ms
  #open = true
  readonly #trackIds = { audio: new Set<number>(), video: new Set<number>() }
  #firstDroppedReason: string | null = null
  readonly #damage: RateLimit
  #relayTrail: RelayTrail
  readonly #meter: PublisherMeter
  /** What `mayBeLateMs` last said: frames may be read so much later than they came. */
  #lateMs = 0
  /** Called once, when the publication ends; one listener, of the service that began it. */
  onEnd: ((reason: EndReason) => void) | null = null
  /** Called when metadata tells of servers that the stream has come through; one listener, of the service that began it. */
  onRelayTrail: ((trail: RelayTrail) => void) | null = null

  /** Made by `Stream.publish`. */
  constructor(request: StreamRequest, source: Source, stream: StreamAccess) {
    this.request = request
    this.#relayTrail = request.relayTrail ?? emptyRelayTrail
    this.#source = source
    this.#stream = stream
    this.startedAt = stream.clock.wallTime()
    this.#lastWriteAt = stream.clock.now()
    this.#meter = new PublisherMeter(this.#lastWriteAt)
    this.#damage = new RateLimit({ burst: MAX_DAMAGED_AT_ONCE, perSecond: DAMAGED_PER_SECOND }, stream.clock)
  }

  /** Who publishes. */
  get client(): ClientInfo {
    return this.request.client
  }

  /** Servers that the stream has come through, by what the publisher said at connect and says in its metadata. */
  get relayTrail(): RelayTrail {
    return this.#relayTrail
  }

  /** When something last came from the publisher, or it began; of the stream's clock. */
  get lastWriteAt(): Ms {
    return this.#lastWriteAt
  }

  /** How long nothing has come from the publisher. */
  get silentMs(): number {
    return this.#stream.clock.now() - this.#lastWriteAt
  }

  /** For how long what the publisher sends may stay unread, ms, as nobody waits for it so much: then one read brings more. */
  get mayBeLateMs(): number {
    this.#lateMs = this.#stream.mayBeLateMs()
    return this.#lateMs
  }

  /** Has the source read what it left unread (`mayBeLateMs`): somebody has come who waits for it. */
  readNow(): void {
    this.#source.onAwaited?.()
  }

  /** How well the publisher sends, as of now. */
  get health(): PublisherHealth {
    return this.#meter.read(this.#stream.clock.now())
  }

  /** Why the first frame that could not be understood was left out; null if all were understood. */
  get firstDroppedReason(): string | null {
    return this.#firstDroppedReason
  }

  /**
   * Takes an audio or video tag body; one of several tracks becomes a frame for each. A body that can't be understood is left
   * out and counted, never an error: one odd packet must not end a stream.
   * @param timestamp the publisher's, 32-bit unsigned milliseconds
   * @param body copied: the caller's again afterwards
   * @throws ClosedError after the end
   */
  write(kind: 'audio' | 'video', timestamp: number, body: Uint8Array): void {
    this.#requireOpen()
    if (isPlainTagBody(kind, body)) {
      // Nearly every message is so: no list and no closure for it.
      this.#writeTrack(kind, timestamp, { trackId: 0, nanosecondOffset: 0, body })
      return
    }
    for (const track of this.#understand(kind, () => splitTracks(kind, body)) ?? []) {
      if (!this.#open) {
        return
      }
      this.#writeTrack(kind, timestamp, track)
    }
  }

  /**
   * Takes script data: metadata becomes the stream's, other data goes to the players. What is no AMF0 (FFmpeg sends timecode
   * tracks so) is counted, never an error.
   * @param body the body of a data message or FLV script tag; belongs to the stream from now on
   * @param timestamp the publisher's, 32-bit unsigned milliseconds; metadata has none. Default: that of the newest media
   * @throws ClosedError after the end
   */
  writeScriptData(body: Uint8Array, timestamp?: number): void {
    this.#requireOpen()
    const data = this.#understand('script data', () => readScriptData(body))
    if (data?.kind === 'clear') {
      this.#stream.clearMetadata()
    } else if (data?.kind === 'metadata') {
      const { body: own, properties, relayTrail } = data.metadata
      if (!this.#follow(relayTrail)) {
        return
      }
      this.#stream.pushMetadata(dataFrame(own, this.#stream.timeline.placeUntimed('data')), properties)
    } else if (data?.kind === 'other') {
      this.#stream.counters.bytesReceived += body.length
      const { newest } = this.#stream.timeline
      const position = timestamp === undefined ? newest : this.#dataTimes.place(timestamp, newest)
      this.#stream.push(dataFrame(data.body, position))
    }
  }

  /**
   * Counts something of the publisher's that could not be understood and is left out, e.g. a broken aggregate message.
   * @param what was meant to be there
   */
  leaveOut(what: string, error: ProtocolError): void {
    this.#firstDroppedReason ??= `${what}: ${error.message}`
    this.#stream.counters.framesDropped++
    this.#meter.damaged++
    if (!this.#damage.take()) {
      const message = `more than MAX_DAMAGED_AT_ONCE (${MAX_DAMAGED_AT_ONCE}) messages could not be understood, e.g. ${what}: ${error.message}`
      this.revoke({ code: 'closed', message })
    }
  }

  /** Ends the publication; players stay and wait. Idempotent. */
  end(reason: EndReason): void {
    if (this.#open) {
      this.#open = false
      this.#stream.end(reason)
      this.onEnd?.(reason)
    }
  }

  /** Ends the publication from our side, and tells the publisher. Idempotent. */
  revoke(reason: EndReason): void {
    if (this.#open) {
      this.end(reason)
      this.#source.onRevoked(reason)
    }
  }

  /** Whether the stream may go on that has come through these servers, too. */
  #follow(relayTrail: RelayTrail): boolean {
    if (relayTrail.length > 0) {
      this.#relayTrail = joinRelayTrails(relayTrail, this.#relayTrail)
      this.onRelayTrail?.(this.#relayTrail)
    }
    return this.#open
  }

  #requireOpen(): void {
    if (!this.#open) {
      throw new ClosedError(`publication of ${this.client.id} has ended`)
    }
    this.#lastWriteAt = this.#stream.clock.now()
  }

  /** What `parse` makes of a body; null, and counted, if it can't be understood. */
  #understand<T>(what: string, parse: () => T): T | null {
    try {
      return parse()
    } catch (error) {
      this.#leaveOutOrThrow(what, error)
      return null
    }
  }

  /** @throws what is no fault of the publisher */
  #leaveOutOrThrow(what: string, error: unknown): void {
    if (!(error instanceof ProtocolError)) {
      throw error
    }
    this.leaveOut(what, error)
  }

  #writeTrack(kind: 'audio' | 'video', timestamp: number, track: TrackTagBody): void {
    let frame: Frame
    try {
      frame = kind === 'video' ? this.#toVideoFrame(timestamp, track) : this.#toAudioFrame(timestamp, track)
    } catch (error) {
      this.#leaveOutOrThrow(kind, error)
      return
    }
    this.#push(frame)
  }

  #push(frame: Frame): void {
    const { counters } = this.#stream
    counters.frames++
    counters.bytesReceived += frame.body.length
    if (frame.kind === 'video' && frame.trackId === 0 && !isConfiguration(frame)) {
      counters.videoFrames++
    }
    this.#meter.count(frame, this.#lastWriteAt, this.#lateMs)
    this.#stream.push(frame)
  }

  #toVideoFrame(timestamp: number, track: TrackTagBody): Frame {
    const info = parseVideoTagBody(track.body)
    const { codec, keyframe, sequenceHeader, compositionOffset } = info
    const description = info.enhanced && info.packetType === VideoPacketType.metadata
    const untimed = sequenceHeader || description
    this.#requireTrack('video', track, description || (sequenceHeader && track.trackId !== 0))
    requireConfiguration(info)
    const position = this.#place('video', untimed, timestamp)
    return {
      kind: 'video',
      timestamp: position,
      compositionOffset: this.#stream.timeline.show(position, compositionOffset),
      codec,
      trackId: track.trackId,
      keyframe,
      sequenceHeader,
      description,
      nanosecondOffset: track.nanosecondOffset,
      body: untimed ? outliving(track.body) : this.#stream.keep(track.body),
    }
  }

  #toAudioFrame(timestamp: number, track: TrackTagBody): Frame {
    const info = parseAudioTagBody(track.body)
    const { codec, sequenceHeader } = info
    const description = info.enhanced && info.packetType === AudioPacketType.multichannelConfig
    const untimed = sequenceHeader || description
    this.#requireTrack('audio', track, description || (sequenceHeader && track.trackId !== 0))
    requireConfiguration(info)
    return {
      kind: 'audio',
      timestamp: this.#place('audio', untimed, timestamp),
      compositionOffset: ms(0),
      codec,
      trackId: track.trackId,
      keyframe: false,
      sequenceHeader,
      description,
      nanosecondOffset: track.nanosecondOffset,
      body: untimed ? outliving(track.body) : this.#stream.keep(track.body),
    }
  }

  /** @throws LimitError if there are too many tracks, or `body` is one of `StreamState.configurations` and too large */
  #requireTrack(kind: 'audio' | 'video', { trackId, body }: TrackTagBody, isKept: boolean): void {
    if (isKept && body.length > MAX_TRACK_CONFIGURATION_BYTES) {
      throw new LimitError('MAX_TRACK_CONFIGURATION_BYTES', MAX_TRACK_CONFIGURATION_BYTES, body.length)
    }
    const known = this.#trackIds[kind]
    if (known.has(trackId)) {
      return
    }
    if (known.size === MAX_TRACKS) {
      throw new LimitError('MAX_TRACKS', MAX_TRACKS, MAX_TRACKS + 1)
    }
    known.add(trackId)
  }

  #place(kind: 'audio' | 'video', untimed: boolean, timestamp: number): Ms {
    const { timeline } = this.#stream
    if (untimed) {
      return timeline.placeUntimed(kind)
    }
    const position = timeline.place(kind, timestamp)
    this.#dataTimes.onMedia(timestamp, position)
    return position
  }
}

function dataFrame(body: Uint8Array, timestamp: Ms): Frame {
  return {
    kind: 'data',
    timestamp,
    compositionOffset: ms(0),
    codec: 'amf0',
    trackId: 0,
    keyframe: false,
    sequenceHeader: false,
    description: false,
    nanosecondOffset: 0,
    body,
  }
}

/** Headers are kept as long as the stream: a copy that is not in a block of media. */
function outliving(body: Uint8Array): Uint8Array {
  return Uint8Array.from(body)
}

/**
 * Lets no empty decoder configuration of H.264 or AAC pass: it would take the place of one that decoders can use. FFmpeg
 * sends one before the right one when it copies AAC out of ADTS.
 */
function requireConfiguration(info: AudioTagInfo | VideoTagInfo): void {
  const { codec, sequenceHeader, dataOffset, dataEnd } = info
  if (sequenceHeader && dataOffset >= dataEnd && (codec === 'avc' || codec === 'aac')) {
    throw new ProtocolError(`a sequence header of ${codec} has no decoder configuration`)
  }
}

import { type Clock, Listeners, RejectedError } from '../base/index.ts'
import type { Amf0Object } from '../media/index.ts'
import { Broadcast, type BroadcastCounters } from './broadcast.ts'
import type { ClientInfo, StreamRequest } from './client.ts'
import type { FlushPacer } from './flush-pacer.ts'
import { type Frame, isConfiguration } from './frame.ts'
import { FrameMemory } from './frame-memory.ts'
import { GopCache } from './gop-cache.ts'
import { MixQueue } from './mix-queue.ts'
import { PartialSink } from './partial-sink.ts'
import type { Source } from './ports.ts'
import { Publication } from './publication.ts'
import type { PublisherHealth } from './publisher-health.ts'
import type { EndReason, Sink } from './sink.ts'
import { noCounters, type StreamCounters } from './stream-counters.ts'
import { type StreamName, streamKey } from './stream-name.ts'
import { emptyStreamState, type StreamState, stateWithout } from './stream-state.ts'
import {
  hasOtherTracks,
  needsOtherHeader,
  stateWithFrame,
  stateWithMetadata,
} from './stream-state-changes.ts'
import { Timeline } from './timeline.ts'
import { UnwatchedTimer } from './unwatched-timer.ts'
import type { Vhost } from './vhosts.ts'
import type { WireFormat } from './wire-format.ts'

/** What a stream is made with. */
export type StreamSetup = Readonly<{
  /** What it is called. */
  name: StreamName
  /** The virtual host that it belongs to. */
  vhost: Vhost
  /** Times publishers and players. */
  clock: Clock
  /** Says how long broadcasts gather media before they write. */
  pacer: FlushPacer
  /** Called whenever something left: the registry frees the stream when nothing holds it any more. */
  onReleased: () => void
  /** Called once, when the stream is over and every sink knows. */
  onEnded: (reason: EndReason) => void
}>

/** So long what a publisher sends may stay unread while nobody watches, ms; at most a quarter of `takeoverSilenceMs`. */
export const UNWATCHED_LATENESS_MS = 250

/**
 * One live stream: one publisher at most, any number of sinks. Outputs attach themselves; the stream names none.
 * It outlives its publisher, so that players that wait go on, on the same timeline, when one returns.
 */
export class Stream {
  /** What it is called. */
  readonly name: StreamName
  /** `app/stream`; `//example.com/app/stream` in a virtual host other than the default one. */
  readonly key: string
  /** Counts since the stream was made. */
  readonly counters: StreamCounters = { ...noCounters }
  readonly #setup: StreamSetup
  #vhost: Vhost
  readonly #timeline: Timeline
  readonly #gopCache: GopCache
  readonly #sinks = new Set<Sink>()
  readonly #memory = new FrameMemory({
    oldestKept: () => this.#gopCache.oldestBuffer,
    // What is put in order waits where the cache doesn't know of it.
    mayBeKept: () => this.#mixQueue !== null || this.#sinks.values().some(keepsFrames),
  })
  readonly #broadcasts = new Map<string, { broadcast: Broadcast; detach: () => void }>()
  readonly #formatCounters = new Map<string, BroadcastCounters>()
  readonly #viewers = new Set<ClientInfo>()
  readonly #endListeners = new Listeners<EndReason>()
  readonly #trackListeners = new Listeners<void>()
  readonly #audienceListeners = new Listeners<void>()
  #state: StreamState = emptyStreamState
  #publication: Publication | null = null
  readonly #unwatched: UnwatchedTimer
  /** Puts the present publisher's frames in order; null if that is not wanted. */
  #mixQueue: MixQueue | null = null
  #endReason: EndReason | null = null

  /** Made by `StreamRegistry.open`. */
  constructor(setup: StreamSetup) {
    this.#setup = setup
    this.name = setup.name
    this.key = streamKey(setup.name)
    this.#vhost = setup.vhost
    this.#timeline = new Timeline(setup.vhost.streams)
    this.#gopCache = new GopCache(setup.vhost.streams.gopCacheMaxFrames)
    this.#unwatched = new UnwatchedTimer(setup.clock, (timeoutMs) =>
      this.#publication?.revoke({
        code: 'closed',
        message: `nobody played the stream for ${timeoutMs} ms (unwatchedTimeoutMs)`,
      }),
    )
  }

  /** The settings of its virtual host, as of now. */
  get vhost(): Vhost {
    return this.#vhost
  }

  /** Metadata and sequence headers as of now. */
  get state(): StreamState {
    return this.#state
  }

  /** Who publishes; null if nobody does. */
  get publication(): Publication | null {
    return this.#publication
  }

  /** How well its publisher sends, as of now: a plain object; null if nobody publishes. */
  health(): PublisherHealth | null {
    return this.#publication?.health ?? null
  }

  /** Who plays, by whatever protocol. */
  get viewers(): ReadonlySet<ClientInfo> {
    return this.#viewers
  }

  /** Frames since the newest keyframe: a new list each time. Who keeps them attaches a sink that keeps frames at once. */
  get gop(): readonly Frame[] {
    return this.#gopCache.frames
  }

  /** True once the stream is over for good. */
  get ended(): boolean {
    return this.#endReason !== null
  }

  /** Counts by wire format (the format's key); they outlive the broadcasts. */
  get formatCounters(): ReadonlyMap<string, Readonly<BroadcastCounters>> {
    return this.#formatCounters
  }

  /** How often its players were too far behind and skipped to the newest keyframe, in all formats. */
  get skips(): number {
    let skips = 0
    for (const counters of this.#formatCounters.values()) {
      skips += counters.skips
    }
    return skips
  }

  /** Nobody publishes and nobody watches. */
  get idle(): boolean {
    return this.#publication === null && this.#viewers.size === 0
  }

  /** For how long it has been published without anybody watching, ms. */
  get unwatchedMs(): number {
    return this.#unwatched.elapsedMs
  }

  /** Goes on with other settings of its virtual host. */
  update(vhost: Vhost): void {
    this.#vhost = vhost
    this.#gopCache.maxFrames = vhost.streams.gopCacheMaxFrames
    for (const { broadcast } of this.#broadcasts.values()) {
      broadcast.update(vhost.broadcast)
    }
    this.#watchUnwatched()
  }

  /**
   * Begins a publication; admission has been asked already.
   * @param source told when another publisher takes over or the stream is closed
   * @throws RejectedError if the stream is over or somebody publishes
   */
  publish(request: StreamRequest, source: Source): Publication {
    if (this.ended) {
      throw new RejectedError(`stream ${this.key} is closed`)
    }
    if (this.#publication !== null) {
      throw new RejectedError(`stream ${this.key} is busy: ${this.#publication.client.id} publishes it`)
    }
    const { streams } = this.#vhost
    this.#timeline.restart(streams)
    this.counters.publications++
    const mixQueue = streams.mixCorrect ? new MixQueue((frame) => this.#push(frame)) : null
    this.#mixQueue = mixQueue
    const publication = new Publication(request, source, {
      clock: this.#setup.clock,
      timeline: this.#timeline,
      counters: this.counters,
      mayBeLateMs: () => this.#mayBeLateMs(),
      keep: (body) => this.#memory.copy(body),
      push: (frame) => (mixQueue === null ? this.#push(frame) : mixQueue.push(frame)),
      pushMetadata: (frame, properties) => {
        if (streams.atcAuto && properties.bravo_atc === 'true') {
          this.#timeline.keepAbsoluteTime()
        }
        this.#pushMetadata(frame, properties)
      },
      clearMetadata: () => {
        this.#state = { ...this.#state, metadata: null, metadataProperties: null }
      },
      end: (reason) => this.#endPublication(publication, reason),
    })
    this.#publication = publication
    // Sequence headers stay, so that the same ones again disturb nobody; what describes the former publisher does not.
    this.#state = {
      ...this.#state,
      metadata: null,
      metadataProperties: null,
      configurations: [],
      video: null,
      audio: null,
      hasAudio: false,
      hasVideo: false,
    }
    this.#watchUnwatched()
    return publication
  }

  /** Counts a viewer, and keeps the stream alive for it. Returns its leave, which is idempotent. */
  addViewer(client: ClientInfo): () => void {
    // A copy: a client that plays the stream twice is two viewers.
    const viewer = { ...client }
    this.#viewers.add(viewer)
    this.#onAudience()
    return () => {
      if (this.#viewers.delete(viewer)) {
        this.#onAudience()
        this.#setup.onReleased()
      }
    }
  }

  /** Hands every frame from now on to `sink`. Returns its detach, which is idempotent. */
  attach(sink: Sink): () => void {
    const lateMs = this.#mayBeLateMs()
    this.#sinks.add(sink)
    if (this.#mayBeLateMs() < lateMs) {
      this.#publication?.readNow()
    }
    return () => {
      if (this.#sinks.delete(sink) && keepsFrames(sink)) {
        this.#memory.abandon()
      }
    }
  }

  /**
   * Calls `listener` when the stream is over, for who waits and is no sink. Returns what ends that, which is idempotent.
   */
  onEnded(listener: (reason: EndReason) => void): () => void {
    return this.#endListeners.add(listener)
  }

  /**
   * Calls `listener` when it becomes known what codec a default track has: with a publisher's first frames, and when it
   * changes. `state.video` and `state.audio` say it. Returns its stop, which is idempotent.
   */
  onTrackChange(listener: () => void): () => void {
    return this.#trackListeners.add(listener)
  }

  /** Calls `listener` after a viewer has come or gone. Returns its stop, which is idempotent. */
  onAudienceChange(listener: () => void): () => void {
    return this.#audienceListeners.add(listener)
  }

  /**
   * The broadcast in `format`, made if there is none; it goes away with its last player. Join it at once. Players that
   * join when the stream is over are told so.
   */
  broadcast(format: WireFormat): Broadcast {
    const existing = this.#broadcasts.get(format.key)
    if (existing !== undefined) {
      return existing.broadcast
    }
    const counters = this.#formatCounters.get(format.key) ?? { framesEncoded: 0, bytesEncoded: 0, skips: 0 }
    this.#formatCounters.set(format.key, counters)
    const leftOut = format.leavesOut ?? []
    const broadcast = new Broadcast({
      format,
      options: this.#vhost.broadcast,
      pacer: this.#setup.pacer,
      clock: this.#setup.clock,
      counters,
      state: () => (leftOut.length === 0 ? this.#state : stateWithout(this.#state, leftOut)),
      onSent: (bytes) => {
        this.counters.bytesSent += bytes
      },
      onEmpty: () => this.#closeBroadcast(format.key, broadcast),
    })
    if (this.#endReason !== null) {
      broadcast.onEnd(this.#endReason)
      return broadcast
    }
    if (this.#vhost.broadcast.gopCache) {
      broadcast.seed(this.#gopCache.frames.filter(({ kind }) => !leftOut.includes(kind)))
    }
    const sink = leftOut.length === 0 ? broadcast : new PartialSink(broadcast, leftOut)
    this.#broadcasts.set(format.key, { broadcast, detach: this.attach(sink) })
    return broadcast
  }

  /** Ends the stream for good: the publisher is revoked, every sink is told. Idempotent. */
  end(reason: EndReason): void {
    if (this.ended) {
      return
    }
    this.#endReason = reason
    this.#publication?.revoke(reason)
    for (const sink of [...this.#sinks]) {
      sink.onEnd(reason)
    }
    this.#sinks.clear()
    this.#endListeners.tell(reason)
    this.#gopCache.clear()
    this.#setup.onEnded(reason)
  }

  #push(frame: Frame): void {
    const before = this.#state
    this.#state = stateWithFrame(before, frame)
    if (isConfiguration(frame) && this.#state === before) {
      // Encoders repeat what they said; decoders need not start anew.
      return
    }
    if (hasOtherTracks(before, this.#state)) {
      this.#trackListeners.tell()
    }
    if (needsOtherHeader(before, frame)) {
      // What is cached needs the header before this one.
      this.#gopCache.clear()
    }
    this.#gopCache.push(frame)
    this.#deliver(frame)
  }

  #pushMetadata(frame: Frame, properties: Amf0Object): void {
    this.#state = stateWithMetadata(this.#state, frame, properties)
    this.#deliver(frame)
  }

  #mayBeLateMs(): number {
    // Nobody is to be taken for silent because it is read late.
    let lateMs = Math.min(UNWATCHED_LATENESS_MS, this.#vhost.streams.takeoverSilenceMs / 4)
    for (const sink of this.#sinks) {
      lateMs = Math.min(lateMs, sink.mayBeLateMs ?? 0)
    }
    return lateMs
  }

  #deliver(frame: Frame): void {
    for (const sink of this.#sinks) {
      sink.onFrame(frame)
    }
  }

  #endPublication(publication: Publication, reason: EndReason): void {
    if (this.#publication !== publication) {
      return
    }
    this.#mixQueue?.flush()
    this.#mixQueue = null
    this.#publication = null
    this.#watchUnwatched()
    this.#gopCache.clear()
    this.#memory.clear()
    for (const sink of this.#sinks) {
      sink.onPublishEnd(reason)
    }
    this.#setup.onReleased()
  }

  #onAudience(): void {
    this.#watchUnwatched()
    this.#audienceListeners.tell()
  }

  #watchUnwatched(): void {
    const isUnwatched = this.#publication !== null && this.#viewers.size === 0
    this.#unwatched.update(isUnwatched, this.#vhost.streams.unwatchedTimeoutMs)
  }

  #closeBroadcast(key: string, broadcast: Broadcast): void {
    const entry = this.#broadcasts.get(key)
    if (entry?.broadcast === broadcast) {
      entry.detach()
      this.#broadcasts.delete(key)
    }
  }
}

function keepsFrames(sink: Sink): boolean {
  return sink.keepsFrames ?? true
}

import type { Socket } from 'node:net'
import { toError } from '../base/index.ts'
import { parseVideoTagBody } from '../media/index.ts'
import { connectTcp, SocketSink, type TlsClientOptions } from '../net/index.ts'
import type { LoadCounters } from './counters.ts'
import { FlvPlay } from './flv-play.ts'
import type { MediaProbe } from './media-probe.ts'
import type { MediaKind, PlayerListener, PlayerProtocol } from './player-protocol.ts'
import { RtmpPlay } from './rtmp-play.ts'
import { machineNow } from './stamp.ts'
import type { LoadTarget } from './target.ts'

/** What the players of a process share. */
export type PlayerContext = Readonly<{
  /** What they play, apart from the stream's name. */
  target: LoadTarget
  /** IP address of the target's host. */
  address: string
  /** How the server is believed; null without TLS. */
  tls: TlsClientOptions | null
  /** Every read of every player goes here. */
  buffer: Uint8Array
  /** Where they count. */
  counters: LoadCounters
  /** A longer time without a read is a stall, ms. */
  stallMs: number
}>

/** How far a player got. */
type PlayerState = 'asking' | 'accepted' | 'over'

/** A player that does not sample looks for its first keyframe in pieces of so many bytes, and at no byte after it. */
const SEARCHED_AT_ONCE_BYTES = 4096
/** It gives up looking for a keyframe after so many bytes. */
const MAX_SEARCHED_BYTES: number = 16 * 1024 * 1024

/**
 * One viewer. Until its first keyframe it understands what comes; from then on it only counts bytes, unless it has a
 * probe: then it goes on and hands all media to it.
 */
export class Player implements PlayerListener {
  readonly #context: PlayerContext
  readonly #probe: MediaProbe | null
  readonly #protocol: PlayerProtocol
  #socket: Socket | null = null
  #sink: SocketSink | null = null
  #state: PlayerState = 'asking'
  #parsing = true
  #searchedBytes = 0
  #askedAtMs = 0
  #mediaSeen = false
  #keyframeSeen = false
  #lastReadMs = 0
  #stalled = false
  #onClosed: (() => void) | null = null

  /** @param stream name of the stream @param probe of a sampled player, else null */
  constructor(context: PlayerContext, stream: string, probe: MediaProbe | null) {
    this.#context = context
    this.#probe = probe
    const send = (bytes: Uint8Array): void => this.#send(bytes)
    const { target } = context
    this.#protocol =
      target.protocol === 'rtmp'
        ? new RtmpPlay(target, stream, this, send)
        : new FlvPlay(target, stream, this, send)
  }

  /** Connects and asks for the stream. */
  begin(): void {
    const { target, address, tls, buffer, counters } = this.#context
    counters.counts.playersBegun++
    const socket = connectTcp({
      host: address,
      port: target.port,
      tls,
      onConnect: () => this.#protocol.begin(),
      buffer,
      onRead: (length) => this.#onRead(length),
    })
    this.#socket = socket
    this.#sink = new SocketSink(socket)
    socket.on('error', (error: NodeJS.ErrnoException) => this.onEnd(error.code ?? error.message))
    socket.once('close', () => {
      this.onEnd('the server closed the connection')
      this.#onClosed?.()
    })
  }

  /** Shows the server that somebody is there, if it accepted this player. */
  keepAlive(): void {
    if (this.#state === 'accepted') {
      this.#protocol.keepAlive()
    }
  }

  /** Leaves; resolves when the connection is closed. What was silent until now counts as a gap. */
  async end(): Promise<void> {
    const now = machineNow()
    if (this.#state === 'accepted') {
      this.#noteGap(now)
      this.#probe?.end(now)
    }
    this.#state = 'over'
    const socket = this.#socket
    if (socket === null || socket.closed) {
      return
    }
    const closed = new Promise<void>((resolve) => {
      this.#onClosed = resolve
    })
    socket.destroy()
    await closed
  }

  onAsked(): void {
    this.#askedAtMs = machineNow()
    this.#probe?.onAsked(this.#askedAtMs)
  }

  onAccepted(): void {
    if (this.#state === 'asking') {
      this.#state = 'accepted'
      this.#context.counters.counts.playersAccepted++
    }
  }

  onEnd(reason: string): void {
    const { counters } = this.#context
    if (this.#state === 'over') {
      return
    }
    if (this.#state === 'asking') {
      counters.counts.playersRefused++
    } else {
      counters.counts.playersDisconnected++
      this.#probe?.end(machineNow())
    }
    counters.addReason(reason)
    this.#state = 'over'
    this.#socket?.destroy()
  }

  onMedia(kind: MediaKind, timestampMs: number, body: Uint8Array): void {
    if (!this.#parsing || this.#state === 'over') {
      return
    }
    const now = machineNow()
    if (!this.#keyframeSeen && kind !== 'data') {
      this.#onFirst(kind, body, now)
    }
    this.#probe?.onMedia(kind, timestampMs, body, now)
  }

  #onFirst(kind: MediaKind, body: Uint8Array, now: number): void {
    const { firstMedia, firstKeyframe } = this.#context.counters.times
    if (!this.#mediaSeen) {
      this.#mediaSeen = true
      // Some servers send media without a word before it.
      this.onAccepted()
      firstMedia.record(now - this.#askedAtMs)
    }
    if (kind === 'video' && body.length > 0 && parseVideoTagBody(body).keyframe) {
      this.#keyframeSeen = true
      this.#lastReadMs = now
      firstKeyframe.record(now - this.#askedAtMs)
      this.#stopParsingUnlessSampled()
    }
  }

  #stopParsingUnlessSampled(): void {
    if (this.#probe === null) {
      this.#parsing = false
      this.#protocol.stopParsing()
    }
  }

  #onRead(length: number): void {
    this.#context.counters.counts.bytesReceived += length
    if (this.#keyframeSeen) {
      const now = machineNow()
      this.#noteGap(now)
      this.#lastReadMs = now
    }
    if (this.#parsing) {
      this.#parse(length)
    } else {
      this.#protocol.count(length)
    }
  }

  #parse(length: number): void {
    const bytes = this.#context.buffer.subarray(0, length)
    const step = this.#probe === null ? SEARCHED_AT_ONCE_BYTES : length
    try {
      for (let at = 0; at < length && this.#state !== 'over'; at += step) {
        if (!this.#parsing) {
          this.#protocol.count(length - at)
          return
        }
        this.#protocol.push(bytes.subarray(at, at + step))
      }
    } catch (error) {
      this.onEnd(toError(error).message)
      return
    }
    this.#searchedBytes += length
    if (this.#searchedBytes > MAX_SEARCHED_BYTES) {
      this.#stopParsingUnlessSampled()
    }
  }

  #noteGap(now: number): void {
    if (!this.#keyframeSeen) {
      return
    }
    const { counters, stallMs } = this.#context
    const gapMs = now - this.#lastReadMs
    if (gapMs > counters.largestReadGapMs) {
      counters.largestReadGapMs = gapMs
    }
    if (gapMs > stallMs) {
      counters.counts.stalls++
      counters.counts.playersStalled += this.#stalled ? 0 : 1
      this.#stalled = true
    }
  }

  #send(bytes: Uint8Array): void {
    this.#sink?.write(bytes)
  }
}

import { type Clock, ClosedError } from '../../base/index.ts'
import {
  type ClientConnection,
  type EndReason,
  type LiveService,
  type OfEachKind,
  type Publication,
  type Source,
  type StreamRequest,
  shortestStep,
} from '../../live/index.ts'
import type { MediaPacket } from '../../rtmp/index.ts'
import { ClockResumption } from './clock-resumption.ts'

/** What a pull source is made with. */
export type PullSourceSetup = Readonly<{
  /** The door to the streams. */
  live: LiveService
  /** Times the packets. */
  clock: Clock
  /** Bytes that have come over all connections. */
  bytesReceived: () => number
  /** The publication was ended by others; it is null from then on. */
  onRevoked: (reason: EndReason) => void
}>

const TWO_TO_32 = 0x100000000

/** Data that may come before the first media, e.g. metadata; of more the first is left out. */
const MAX_EARLY_DATA = 8

/**
 * Feeds a stream with the packets of one upstream connection after another. A publication begins with a connection's first
 * media, and ends with the connection; where absolute time is kept, it may stay open, and another connection that has the same
 * clock goes on with the very next frame.
 */
export class PullSource implements Source {
  readonly #setup: PullSourceSetup
  #publication: Publication | null = null
  #connection: PulledConnection | null = null
  #request: StreamRequest | null = null
  #early: MediaPacket[] = []
  #resumption: ClockResumption | null = null
  /** Timestamps of the last frames that were taken, as they came. */
  #newest: OfEachKind<number | null> = { audio: null, video: null }
  #lastPacketAt: number

  /** Nothing is published yet. */
  constructor(setup: PullSourceSetup) {
    this.#setup = setup
    this.#lastPacketAt = setup.clock.now()
  }

  /** What goes on; null while nothing does. */
  get publication(): Publication | null {
    return this.#publication
  }

  /** How long nothing has come, ms. */
  get silentMs(): number {
    return this.#setup.clock.now() - this.#lastPacketAt
  }

  /** Another connection stands. @param request how its publication is known */
  connect(request: StreamRequest): void {
    this.#request = request
    this.#early = []
    this.#lastPacketAt = this.#setup.clock.now()
    this.#resumption = this.#publication === null ? null : new ClockResumption(this.#newest)
  }

  /**
   * Takes a packet.
   * @returns whether media flows, from here on if not before
   * @throws RejectedError if somebody else publishes the stream
   */
  write(packet: MediaPacket): boolean {
    this.#lastPacketAt = this.#setup.clock.now()
    if (packet.kind === 'data') {
      return this.#writeData(packet)
    }
    if (this.#wasSeen(packet)) {
      return true
    }
    const { kind, timestamp } = packet
    const publication = this.#publication ?? this.#begin()
    publication.write(kind, timestamp, packet.body)
    const newest = this.#newest[kind]
    // Headers are often stamped with 0, wherever they come.
    if (newest === null || shortestStep(newest, timestamp, TWO_TO_32) > 0) {
      this.#newest[kind] = timestamp
    }
    return this.#publication !== null
  }

  /** Ends the publication, if there is one. */
  end(reason: EndReason): void {
    const publication = this.#publication
    this.#publication = null
    this.#resumption = null
    this.#newest = { audio: null, video: null }
    publication?.end(reason)
    this.#connection?.close()
    this.#connection = null
  }

  /** The stream takes no more. */
  onRevoked(reason: EndReason): void {
    this.#publication = null
    this.#resumption = null
    this.#connection?.close()
    this.#connection = null
    this.#setup.onRevoked(reason)
  }

  /** Whether another connection has brought it already. */
  #wasSeen(packet: MediaPacket): boolean {
    const resumption = this.#resumption
    if (resumption === null) {
      return false
    }
    const verdict = resumption.judge(packet)
    if (verdict === 'other') {
      this.end({ code: 'disconnected', message: 'another encoder goes on' })
    } else if (resumption.over) {
      this.#resumption = null
    }
    return verdict === 'seen'
  }

  #begin(): Publication {
    const { live } = this.#setup
    if (this.#request === null) {
      throw new ClosedError('there is no connection that this could come from')
    }
    const connection = new PulledConnection(this.#setup.bytesReceived)
    const publication = live.bring(this.#request, this, connection)
    this.#publication = publication
    this.#connection = connection
    for (const { body, timestamp } of this.#early.splice(0)) {
      publication.writeScriptData(body, timestamp)
    }
    return publication
  }

  #writeData(packet: MediaPacket): boolean {
    if (this.#publication === null) {
      this.#early.push(packet)
      if (this.#early.length > MAX_EARLY_DATA) {
        this.#early.shift()
      }
      return false
    }
    this.#publication.writeScriptData(packet.body, packet.timestamp)
    return true
  }
}

/** What one publication came by, as the directory of clients sees it. */
class PulledConnection implements ClientConnection {
  readonly bytesSent = 0
  readonly #bytesReceived: () => number
  readonly #bytesBefore: number
  #listeners: (() => void)[] | null = []

  constructor(bytesReceived: () => number) {
    this.#bytesReceived = bytesReceived
    this.#bytesBefore = bytesReceived()
  }

  get bytesReceived(): number {
    return this.#bytesReceived() - this.#bytesBefore
  }

  /** Its publication is revoked by who calls this, which ends the connection. */
  disconnect(_reason: string): void {}

  onClose(listener: () => void): void {
    if (this.#listeners === null) {
      listener()
    } else {
      this.#listeners.push(listener)
    }
  }

  close(): void {
    const listeners = this.#listeners ?? []
    this.#listeners = null
    for (const listener of listeners) {
      listener()
    }
  }
}

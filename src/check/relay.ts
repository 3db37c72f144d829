import { setTimeout as delay } from 'node:timers/promises'
import { type Message, MessageType } from '../rtmp/index.ts'
import type { CheckConnection } from './check-connection.ts'
import { ProbeFailure } from './probe.ts'
import { testMedia } from './test-media.ts'

/** Time from one frame to the next, ms. */
const FRAME_INTERVAL_MS = 40
/** What frames are filled with that only keep a stream going. */
const FILLER_MARK = 0xfd

/** Which chunk streams encoders send on. */
const CHUNK_STREAMS = { audio: 4, video: 6 } as const

/** A publisher and a player of one stream: what goes in is to come out. */
export class Relay {
  /** Publishes. */
  readonly publisher: CheckConnection
  /** Message stream that is published on. */
  readonly streamId: number
  /** Plays. */
  readonly player: CheckConnection
  #lastMark = 0
  #timestamp = 0

  private constructor(publisher: CheckConnection, streamId: number, player: CheckConnection) {
    this.publisher = publisher
    this.streamId = streamId
    this.player = player
  }

  /** Sends the sequence headers and a keyframe, so that there is a stream, then lets the player in. */
  static async begin(
    publisher: CheckConnection,
    streamId: number,
    play: () => Promise<CheckConnection>,
  ): Promise<Relay> {
    publisher.send(
      videoMessage(streamId, 0, testMedia.avcHeader()),
      audioMessage(streamId, 0, testMedia.aacHeader()),
      videoMessage(streamId, 0, testMedia.keyFrame(40, 1)),
    )
    return new Relay(publisher, streamId, await play())
  }

  /** A byte that no frame of this relay has yet, from 2 to 249. */
  nextMark(): number {
    this.#lastMark = (this.#lastMark + 1) % 248
    return this.#lastMark + 2
  }

  /** A video message of this stream; the frames that keep it going come after it. */
  video(timestamp: number, payload: Uint8Array): Message {
    this.#timestamp = timestamp
    return videoMessage(this.streamId, timestamp, payload)
  }

  /** An audio message of this stream. */
  audio(timestamp: number, payload: Uint8Array): Message {
    return audioMessage(this.streamId, timestamp, payload)
  }

  /** Sends a keyframe, and waits for it at the player. */
  async passes(what: string): Promise<void> {
    const body = testMedia.keyFrame(60, this.nextMark())
    this.publisher.send(this.video(this.#timestamp + FRAME_INTERVAL_MS, body))
    await this.arrival(what, body)
  }

  /**
   * Waits for a message with this very body at the player. Meanwhile the stream goes on: servers that merge what they
   * write would hold a last message back.
   */
  async arrival(what: string, body: Uint8Array, from = 0): Promise<Message> {
    return await this.whileGoingOn(
      this.player.waitFor(
        `${what} at the player`,
        () =>
          this.player.media.slice(from).find(({ payload }) => Buffer.compare(payload, body) === 0) ?? null,
      ),
    )
  }

  /** Sends small frames until what is waited for has come or failed. */
  async whileGoingOn<T>(waiting: Promise<T>): Promise<T> {
    const filler = testMedia.interFrame(8, FILLER_MARK)
    let over = false
    const end = (): void => {
      over = true
    }
    waiting.then(end, end)
    while (!over) {
      await Promise.race([waiting.catch(() => {}), delay(FRAME_INTERVAL_MS)])
      if (!over) {
        this.publisher.send(this.video((this.#timestamp + FRAME_INTERVAL_MS) % 0x100000000, filler))
      }
    }
    return await waiting
  }

  /** Fails if the player has got a message that begins like `body` and goes on otherwise. */
  requireIntact(body: Uint8Array): void {
    const length = Math.min(20, body.length)
    const similar = this.player.media.find(
      ({ payload }) => Buffer.compare(payload.subarray(0, length), body.subarray(0, length)) === 0,
    )
    if (similar !== undefined && Buffer.compare(similar.payload, body) !== 0) {
      throw new ProbeFailure(`the player got ${similar.payload.length} bytes with changes, of ${body.length}`)
    }
  }

  /** Ends both. */
  close(): void {
    this.publisher.close()
    this.player.close()
  }
}

function videoMessage(streamId: number, timestamp: number, payload: Uint8Array): Message {
  return { type: MessageType.video, streamId, timestamp, chunkStreamId: CHUNK_STREAMS.video, payload }
}

function audioMessage(streamId: number, timestamp: number, payload: Uint8Array): Message {
  return { type: MessageType.audio, streamId, timestamp, chunkStreamId: CHUNK_STREAMS.audio, payload }
}

import type { Message } from './chunk/index.ts'
import type { Command } from './message/index.ts'
import { admit } from './server-admission.ts'
import type {
  RtmpConnection,
  RtmpOutput,
  RtmpPlayback,
  RtmpReceiver,
  RtmpServerHandlers,
  RtmpStreamRequest,
  RtmpWantedMedia,
} from './server-handlers.ts'
import * as replies from './server-replies.ts'
import type { RtmpTransport } from './transport.ts'

/** What the message streams of one connection share. */
export type MessageStreamSetup = Readonly<{
  /** The connection's, below its commands. */
  transport: RtmpTransport
  /** Who admits publishers and players. */
  handlers: RtmpServerHandlers
  /** The connection itself, for the handlers. */
  connection: RtmpConnection
  /** Sends an answer, in the form that the client asked in. */
  answer(message: Message): void
  /** Called when something begins or ends to be published or played, and at a publication's first media. */
  onChange(): void
}>

/** One message stream (NetStream) of a client: what is published or played on it, and the statuses of that. */
export class MessageStream {
  /** As in the messages; 0 is the connection itself, which some encoders publish on. */
  readonly id: number
  readonly #setup: MessageStreamSetup
  #receiver: RtmpReceiver | null = null
  #published: Pick<RtmpStreamRequest, 'vhost' | 'path'> = { vhost: '', path: '' }
  #mediaSeen = false
  #playback: RtmpPlayback | null = null
  #wanted: RtmpWantedMedia = { audio: true, video: true }

  /** Made by `MessageStreams`. */
  constructor(id: number, setup: MessageStreamSetup) {
    this.id = id
    this.#setup = setup
  }

  /** Something is published on it. */
  get publishes(): boolean {
    return this.#receiver !== null
  }

  /** `app/stream` of what is, or was last, published on it; '' if nothing ever was. */
  get publishedPath(): string {
    return this.#published.path
  }

  /** Virtual host that was asked for with it. */
  get publishedVhost(): string {
    return this.#published.vhost
  }

  /** Something is played on it. */
  get plays(): boolean {
    return this.#playback !== null
  }

  /** For how long what is published on it may stay unread, ms; 0 if nothing is. */
  get mayBeLateMs(): number {
    return this.#receiver?.mayBeLateMs ?? 0
  }

  /** Whether nothing need come for what is published on it. */
  get mayBeSilent(): boolean {
    return this.#receiver?.mayBeSilent ?? false
  }

  /** The present publication has sent media. */
  get mediaSeen(): boolean {
    return this.#mediaSeen
  }

  /**
   * Publishes on it, once that is admitted.
   * @param announced the client has sent FCPublish and waits for `onFCPublish`
   * @throws RejectedError, after the client was told, if it is refused
   */
  async publish(request: RtmpStreamRequest, announced: boolean): Promise<void> {
    const { transport, handlers, connection, answer } = this.#setup
    const receiver = await admit(handlers.publish(request, connection), (reason, redirect) =>
      answer(redirect === null ? replies.publishRejected(this.id, reason) : replies.redirected(redirect)),
    )
    if (transport.closed) {
      receiver.onEnd('disconnected', 'the client left before it was admitted')
      return
    }
    this.#receiver = receiver
    this.#published = request
    this.#mediaSeen = false
    // Also after it ended, when some encoders go on for a while.
    transport.takesMedia = true
    this.#setup.onChange()
    if (announced) {
      answer(replies.fcPublishStarted(this.id))
    }
    answer(replies.publishStarted(this.id))
  }

  /**
   * Plays on it, once that is admitted. What the client said before of the media it wants holds.
   * @param durationMs media time after which the player is to be ended; null for never
   * @throws RejectedError, after the client was told, if it is refused
   */
  async play(request: RtmpStreamRequest, durationMs: number | null): Promise<void> {
    const { transport, handlers, connection, answer } = this.#setup
    const { sink, chunkSize } = transport
    const output: RtmpOutput = {
      sink,
      chunkSize,
      streamId: this.id,
      durationMs,
      end: (reason, unpublished) => {
        for (const message of replies.playEnded(this.id, reason, unpublished)) {
          answer(message)
        }
        connection.close(reason)
      },
    }
    const playback = await admit(handlers.play(request, output, connection), (reason, redirect) =>
      answer(redirect === null ? replies.playRejected(this.id, reason) : replies.redirected(redirect)),
    )
    if (transport.closed) {
      playback.stop('the client left before it was admitted')
      return
    }
    this.#playback = playback
    this.#setup.onChange()
    for (const message of replies.playStarted(this.id)) {
      answer(message)
    }
    playback.receive(this.#wanted)
    playback.start()
  }

  /**
   * Takes a command about what is played (Adobe RTMP 1.0, 7.2.2): pause and its raw form, receiveAudio, receiveVideo, seek.
   * @returns false if it is none of these, or nothing is played that it could be about
   */
  onPlayerCommand({ name, args }: Command): boolean {
    const isOn = args[0] === true
    switch (name) {
      case 'receiveAudio':
        return this.#receive({ ...this.#wanted, audio: isOn })
      case 'receiveVideo':
        return this.#receive({ ...this.#wanted, video: isOn })
      case 'pause':
      case 'pauseRaw':
        return this.#pause(isOn)
      case 'seek':
        return this.#seek()
      default:
        return false
    }
  }

  /** Media for what is published. Before publish was admitted, or after it ended, it is ignored: encoders do both. */
  onMedia(message: Message): void {
    if (this.#receiver === null) {
      return
    }
    if (!this.#mediaSeen) {
      this.#mediaSeen = true
      this.#setup.onChange()
    }
    this.#receiver.onMedia(message)
  }

  /** Ends what is published or played on it; nothing happens if nothing is. */
  end(code: 'unpublished' | 'disconnected', message: string): void {
    const receiver = this.#receiver
    const playback = this.#playback
    this.#receiver = null
    this.#playback = null
    const { transport, answer, onChange } = this.#setup
    if (receiver !== null && code === 'unpublished') {
      answer(replies.unpublished(this.id))
    }
    receiver?.onEnd(code, message)
    playback?.stop(message)
    if ((receiver !== null || playback !== null) && !transport.closed) {
      onChange()
    }
  }

  #pause(isPaused: boolean): boolean {
    if (this.#playback === null) {
      return false
    }
    // Statuses stand between the last media before and the first after the pause.
    if (isPaused) {
      this.#playback.pause(true)
    }
    for (const message of isPaused ? replies.paused(this.id) : replies.unpaused(this.id)) {
      this.#setup.answer(message)
    }
    if (!isPaused) {
      this.#playback.pause(false)
    }
    return true
  }

  #receive(wanted: RtmpWantedMedia): boolean {
    const isMore = (wanted.audio && !this.#wanted.audio) || (wanted.video && !this.#wanted.video)
    this.#wanted = wanted
    if (this.#playback === null) {
      return true
    }
    if (isMore) {
      for (const message of replies.receiving(this.id)) {
        this.#setup.answer(message)
      }
    }
    this.#playback.receive(wanted)
    return true
  }

  #seek(): boolean {
    if (this.#playback === null) {
      return false
    }
    this.#setup.answer(replies.seekFailed(this.id))
    return true
  }
}

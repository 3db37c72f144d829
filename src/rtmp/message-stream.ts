import type { Message } from './chunk/index.ts'
import { admit } from './server-admission.ts'
import type { StreamActivity } from './server-deadlines.ts'
import type {
  RtmpConnection,
  RtmpPlayback,
  RtmpReceiver,
  RtmpServerHandlers,
  RtmpStreamRequest,
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
  /** Called when something begins or ends to be published or played, and at a publication's first media. */
  onChange(): void
}>

/** One message stream (NetStream) of a client: what is published or played on it, and the statuses of that. */
export class MessageStream implements StreamActivity {
  /** As in the messages; 0 is the connection itself, which some encoders publish on. */
  readonly id: number
  readonly #setup: MessageStreamSetup
  #receiver: RtmpReceiver | null = null
  #playback: RtmpPlayback | null = null
  #mediaSeen = false

  /** Made by `MessageStreams`. */
  constructor(id: number, setup: MessageStreamSetup) {
    this.id = id
    this.#setup = setup
  }

  /** Something is published on it. */
  get publishes(): boolean {
    return this.#receiver !== null
  }

  /** Something is played on it. */
  get plays(): boolean {
    return this.#playback !== null
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
    const { transport, handlers, connection } = this.#setup
    const receiver = await admit(handlers.publish(request, connection), (reason) =>
      transport.send(replies.publishRejected(this.id, reason)),
    )
    if (transport.closed) {
      receiver.onEnd('disconnected', 'the client left before it was admitted')
      return
    }
    this.#receiver = receiver
    this.#mediaSeen = false
    this.#setup.onChange()
    if (announced) {
      transport.send(replies.fcPublishStarted(this.id))
    }
    transport.send(replies.publishStarted(this.id))
  }

  /**
   * Plays on it, once that is admitted.
   * @throws RejectedError, after the client was told, if it is refused
   */
  async play(request: RtmpStreamRequest): Promise<void> {
    const { transport, handlers, connection } = this.#setup
    const output = { sink: transport.sink, chunkSize: transport.chunkSize, streamId: this.id }
    const playback = await admit(handlers.play(request, output, connection), (reason) =>
      transport.send(replies.playRejected(this.id, reason)),
    )
    if (transport.closed) {
      playback.stop('the client left before it was admitted')
      return
    }
    this.#playback = playback
    this.#setup.onChange()
    for (const message of replies.playStarted(this.id)) {
      transport.send(message)
    }
    playback.start()
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
    const { transport, onChange } = this.#setup
    if (receiver !== null && code === 'unpublished') {
      transport.send(replies.unpublished(this.id))
    }
    receiver?.onEnd(code, message)
    playback?.stop(message)
    if ((receiver !== null || playback !== null) && !transport.closed) {
      onChange()
    }
  }
}

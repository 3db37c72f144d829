import { ProtocolError } from '../base/index.ts'
import {
  type EndReason,
  type LiveService,
  type Publication,
  type Source,
  type StreamRequest,
  takePass,
} from '../live/index.ts'
import {
  amf0DataBody,
  decodeAggregate,
  type Message,
  MessageType,
  type RtmpConnection,
  type RtmpReceiver,
  type RtmpStreamRequest,
} from '../rtmp/index.ts'

/** Feeds a stream from an RTMP publisher: messages become tag bodies, `@setDataFrame` becomes metadata. */
export class RtmpSource implements RtmpReceiver, Source {
  readonly #connection: RtmpConnection
  readonly #mayBeSilent: () => boolean
  #publication: Publication | null = null

  /** Made by `publishRtmp`. @param mayBeSilent asked before it is ended because nothing comes. Default: then it is */
  constructor(connection: RtmpConnection, mayBeSilent: () => boolean = () => false) {
    this.#connection = connection
    this.#mayBeSilent = mayBeSilent
  }

  /** Begins to feed an admitted publication. */
  begin(publication: Publication): this {
    this.#publication = publication
    return this
  }

  /** A media or data message of the publisher. */
  onMedia(message: Message): void {
    const publication = this.#publication
    if (publication === null) {
      return
    }
    switch (message.type) {
      case MessageType.video:
        publication.write('video', message.timestamp, message.payload)
        return
      case MessageType.audio:
        publication.write('audio', message.timestamp, message.payload)
        return
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
        this.#onData(message, publication)
        return
      case MessageType.aggregate:
        this.#onAggregate(message, publication)
    }
  }

  /** Whether nothing need come from it now: what it makes it of is silent. */
  get mayBeSilent(): boolean {
    return this.#mayBeSilent()
  }

  /** See `Publication.mayBeLateMs`. */
  get mayBeLateMs(): number {
    return this.#publication?.mayBeLateMs ?? 0
  }

  #onData(message: Message, publication: Publication): void {
    const body = understand(publication, 'data message', () => amf0DataBody(message))
    if (body !== null) {
      publication.writeScriptData(body, message.timestamp)
    }
  }

  #onAggregate(message: Message, publication: Publication): void {
    const parts = understand(publication, 'aggregate message', () => decodeAggregate(message))
    for (const part of parts ?? []) {
      // An aggregate within an aggregate is none that the standard knows.
      if (part.type !== MessageType.aggregate) {
        this.onMedia(part)
      }
    }
  }

  /** The publisher or its connection ended. */
  onEnd(code: 'unpublished' | 'disconnected', message: string): void {
    const publication = this.#publication
    this.#publication = null
    publication?.end({ code, message })
  }

  /** The stream takes no more: the connection is closed, so that the encoder notices. */
  onRevoked(reason: EndReason): void {
    this.#publication = null
    this.#connection.close(`publication ${reason.code}: ${reason.message}`)
  }

  /** Somebody waits for what the client has sent. */
  onAwaited(): void {
    this.#connection.readNow()
  }
}

/** What `read` gives; null, left out and counted, for what can't be understood, as for any packet. */
function understand<T>(publication: Publication, what: string, read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error
    }
    publication.leaveOut(what, error)
    return null
  }
}

/**
 * Admits an RTMP publisher and feeds its stream.
 * @throws RejectedError if it or its virtual host is refused, ProtocolError if it names no stream
 */
export async function publishRtmp(
  live: LiveService,
  request: RtmpStreamRequest,
  connection: RtmpConnection,
): Promise<RtmpReceiver> {
  const { connect, vhost } = request
  const asked: StreamRequest = {
    name: live.nameStream(vhost, request.path),
    client: {
      id: connect.connectionId,
      protocol: 'rtmp',
      address: connect.address,
      publishDialect: request.dialect,
    },
    vhost,
    ...takePass(request),
    tcUrl: connect.tcUrl,
    pageUrl: connect.pageUrl,
    swfUrl: connect.swfUrl,
    relayTrail: connect.relayTrail,
  }
  const source = new RtmpSource(connection, () => live.mayBeSilent(asked))
  return source.begin(await live.publish(asked, source, connection))
}

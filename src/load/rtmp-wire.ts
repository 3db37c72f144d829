import {
  ChunkReader,
  ChunkWriter,
  ClientHandshake,
  chunkedMessageBytes,
  DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES,
  DEFAULT_CHUNK_SIZE_BYTES,
  decodeControlValue,
  decodeUserControl,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeUserControl,
  type Message,
  MessageType,
  UserControlEvent,
  writeChunkedMessage,
} from '../rtmp/index.ts'

/** What the owner of a wire is asked and told. */
export interface RtmpWireOwner {
  /** The server takes commands: what is returned is sent together with the last part of the handshake. */
  onReady(): readonly Message[]
  /** A message other than protocol control and pings. */
  onMessage(message: Message): void
}

/**
 * A client's end of an RTMP connection, without the socket: handshake, chunks, acknowledgements, pings. Once `stopParsing`
 * is called it keeps no more than two numbers, and acknowledges what is counted.
 */
export class RtmpWire {
  readonly #send: (bytes: Uint8Array) => void
  readonly #owner: RtmpWireOwner
  #handshake: ClientHandshake | null = new ClientHandshake({ kind: 'simple' })
  #reader: ChunkReader | null = new ChunkReader((message) => this.#onMessage(message))
  #writer: ChunkWriter | null = new ChunkWriter()
  #acknowledgementWindowBytes = DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES
  #bytesReceived = 0
  #bytesAcknowledged = 0

  /** @param send writes to the socket; gets buffers that don't change any more */
  constructor(send: (bytes: Uint8Array) => void, owner: RtmpWireOwner) {
    this.#send = send
    this.#owner = owner
  }

  /** Begins the handshake; call it when the connection is open. */
  begin(): void {
    this.#send(this.#handshake?.opening ?? new Uint8Array(0))
  }

  /** Sends messages in one write. Not after `stopParsing`. */
  send(...messages: readonly Message[]): void {
    const bytes = this.#encode(messages)
    this.#send(bytes)
  }

  /**
   * Takes the next bytes.
   * @throws ProtocolError when they break the protocol; the wire is of no use after it
   */
  push(bytes: Uint8Array): void {
    if (this.#handshake === null) {
      this.#reader?.push(bytes)
    } else {
      this.#shakeHands(this.#handshake, bytes)
    }
    this.count(bytes.length)
  }

  /** Counts bytes that came and are not looked at. */
  count(length: number): void {
    this.#bytesReceived += length
    if (this.#bytesReceived - this.#bytesAcknowledged >= this.#acknowledgementWindowBytes / 2) {
      this.acknowledge()
    }
  }

  /** Tells the server how much came, due or not: some servers give up clients from which nothing comes. */
  acknowledge(): void {
    if (this.#handshake !== null) {
      return
    }
    this.#bytesAcknowledged = this.#bytesReceived
    const { payload, ...header } = encodeAcknowledgement(this.#bytesReceived)
    const bytes = new Uint8Array(
      chunkedMessageBytes(payload.length, 0, header.chunkStreamId, DEFAULT_CHUNK_SIZE_BYTES),
    )
    writeChunkedMessage(bytes, header, payload, DEFAULT_CHUNK_SIZE_BYTES)
    this.#send(bytes)
  }

  /** From now on bytes are counted only; what parsing took in memory is given up. */
  stopParsing(): void {
    this.#handshake = null
    this.#reader = null
    this.#writer = null
  }

  #shakeHands(handshake: ClientHandshake, bytes: Uint8Array): void {
    const { send, done, rest } = handshake.push(bytes)
    if (send !== null) {
      this.#send(Buffer.concat([send, this.#encode(this.#owner.onReady())]))
    }
    if (done) {
      this.#handshake = null
      this.#reader?.push(rest)
    }
  }

  #encode(messages: readonly Message[]): Uint8Array {
    const writer = this.#writer
    if (writer === null) {
      return new Uint8Array(0)
    }
    const parts = messages.map((message) => {
      const bytes = writer.encode(message)
      if (message.type === MessageType.setChunkSize) {
        writer.chunkSize = decodeControlValue(message.payload)
      }
      return bytes
    })
    const [only] = parts
    return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
  }

  #onMessage(message: Message): void {
    switch (message.type) {
      case MessageType.setChunkSize:
      case MessageType.abort:
      case MessageType.acknowledgement:
      case MessageType.setPeerBandwidth:
        return
      case MessageType.windowAcknowledgementSize:
        this.#acknowledgementWindowBytes = Math.max(
          decodeControlValue(message.payload),
          MIN_ACKNOWLEDGEMENT_WINDOW_BYTES,
        )
        return
      case MessageType.userControl: {
        const { event, value } = decodeUserControl(message.payload)
        if (event === UserControlEvent.pingRequest) {
          this.send(encodeUserControl(UserControlEvent.pingResponse, value))
        }
        return
      }
      default:
        this.#owner.onMessage(message)
    }
  }
}

/** A server that names a smaller window is answered as if it had named this one. */
const MIN_ACKNOWLEDGEMENT_WINDOW_BYTES = 10_000

/** The size of the chunks that players and publishers send, bytes; OBS uses the same. */
export const SENT_CHUNK_SIZE_BYTES = 4096

/** The message that announces `SENT_CHUNK_SIZE_BYTES`; what follows it is cut accordingly. */
export function announceChunkSize(): Message {
  return encodeSetChunkSize(SENT_CHUNK_SIZE_BYTES)
}

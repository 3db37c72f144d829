import { type Amf0Value, isAmf0Object } from '../media/index.ts'
import { type Command, decodeCommand, encodeCommand, type Message, MessageType } from '../rtmp/index.ts'
import type { PlayerListener, PlayerProtocol, SendBytes } from './player-protocol.ts'
import { announceChunkSize, RtmpWire, type RtmpWireOwner } from './rtmp-wire.ts'
import { authorityOf, type LoadTarget } from './target.ts'

/** Servers number message streams from 1, so the commands can be sent without waiting for the number. */
const MESSAGE_STREAM_ID = 1
/** -2: live, or else recorded (Adobe RTMP 1.0, 7.2.2.1); what players send. */
const PLAY_LIVE = -2000

/** Plays by RTMP: connect, createStream and play go out in one write, so that a join takes two round trips. */
export class RtmpPlay implements PlayerProtocol, RtmpWireOwner {
  readonly #wire: RtmpWire
  readonly #target: LoadTarget
  readonly #stream: string
  readonly #listener: PlayerListener

  /** @param stream its name; the application is that of `target` */
  constructor(target: LoadTarget, stream: string, listener: PlayerListener, send: SendBytes) {
    this.#target = target
    this.#stream = stream
    this.#listener = listener
    this.#wire = new RtmpWire(send, this)
  }

  begin(): void {
    this.#wire.begin()
  }

  push(bytes: Uint8Array): void {
    this.#wire.push(bytes)
  }

  count(length: number): void {
    this.#wire.count(length)
  }

  stopParsing(): void {
    this.#wire.stopParsing()
  }

  keepAlive(): void {
    this.#wire.acknowledge()
  }

  onReady(): Message[] {
    this.#listener.onAsked()
    const name = `${this.#stream}${this.#target.query}`
    return [
      announceChunkSize(),
      encodeConnect(this.#target),
      encodeCommand('createStream', 2, [null]),
      encodeCommand('play', 3, [null, name, PLAY_LIVE], MESSAGE_STREAM_ID),
    ]
  }

  onMessage(message: Message): void {
    switch (message.type) {
      case MessageType.audio:
        this.#listener.onMedia('audio', message.timestamp, message.payload)
        return
      case MessageType.video:
        this.#listener.onMedia('video', message.timestamp, message.payload)
        return
      case MessageType.dataAmf0:
        this.#listener.onMedia('data', message.timestamp, message.payload)
        return
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        this.#onCommand(decodeCommand(message))
        return
    }
  }

  #onCommand(command: Command): void {
    const refusal = refusalOf(command)
    if (refusal !== null) {
      this.#listener.onEnd(refusal)
    } else if (statusOf(command) === 'NetStream.Play.Start') {
      this.#listener.onAccepted()
    }
  }
}

/** The connect command (Adobe RTMP 1.0, 7.2.1.1) of players and publishers; its transaction is 1. */
export function encodeConnect(target: LoadTarget): Message {
  const { app } = target
  const tcUrl = `rtmp${target.tls ? 's' : ''}://${authorityOf(target)}/${app}`
  return encodeCommand('connect', 1, [{ app, tcUrl, flashVer: 'LNX 9,0,124,2', fpad: false }])
}

/** The code of an onStatus; null for other commands. */
export function statusOf({ name, args }: Command): string | null {
  const code = name === 'onStatus' ? property(args[0], 'code') : undefined
  return typeof code === 'string' ? code : null
}

/** The reason if the server refuses something, else null. */
export function refusalOf({ name, args }: Command): string | null {
  const [information] = args
  if (name !== '_error' && property(information, 'level') !== 'error') {
    return null
  }
  const words = [property(information, 'code'), property(information, 'description')]
  return words.filter((word) => typeof word === 'string' && word !== '').join(': ') || name
}

function property(value: Amf0Value, name: string): Amf0Value {
  return isAmf0Object(value) ? value[name] : undefined
}

import type { RelayTrail } from '../base/index.ts'
import type { SocketSink } from '../net/index.ts'
import type { RtmpCapabilities } from './capabilities.ts'
import type { Message } from './chunk/index.ts'

/** What a client said in its connect command. */
export type RtmpConnect = Readonly<{
  /** Id of the connection, the same as in the log. */
  connectionId: string
  /** Remote IP address. */
  address: string
  /** As sent. */
  tcUrl: string
  /** Application of `tcUrl`, without its query. */
  app: string
  /** Application as the client named it beside `tcUrl`; '' if not said. See `parseRtmpStream`. */
  namedApp: string
  /** Virtual host that `tcUrl` asks for; what is published or played may name another. */
  vhost: string
  /** Query parameters of `tcUrl`. */
  parameters: URLSearchParams
  /** Page that embeds the player; '' if not said. */
  pageUrl: string
  /** Flash program that connects; '' if not said. */
  swfUrl: string
  /** What the client calls itself, e.g. 'FMLE/3.0 (compatible; FMSc/1.0)'; '' if not said. */
  flashVersion: string
  /** What it announced that it can take; see `decodeCapabilities`. */
  capabilities: RtmpCapabilities
  /** 3 if the client can read AMF3, else 0. */
  objectEncoding: number
  /** Servers that it relays through or for, itself included; none if it is no relay, or one that does not say so. */
  relayTrail: RelayTrail
}>

/** A request to publish or play. */
export type RtmpStreamRequest = Readonly<{
  /** The connection it came on. */
  connect: RtmpConnect
  /** Application and stream, e.g. 'live/demo'. */
  path: string
  /** Virtual host that is asked for; see `RtmpStreamUrl`. */
  vhost: string
  /** Query parameters of `tcUrl` and of the stream name together; the stream's win. */
  parameters: URLSearchParams
  /** The same as written, behind a `?`; see `RtmpStreamUrl`. */
  param: string
  /** How the client has introduced itself by now, which says something of publishers only. */
  dialect: RtmpDialect
}>

/**
 * The order of commands before `publish` (none of it is in the standard): `fmle` sends releaseStream or FCPublish first, as FMLE, OBS
 * and FFmpeg do; `haivision` sends FCPublish after createStream; `flash` neither.
 */
export type RtmpDialect = 'fmle' | 'haivision' | 'flash'

/** Takes what an admitted publisher sends. */
export interface RtmpReceiver {
  /** An audio, video, data or aggregate message. The payload of audio and video is lent: it may be read until this returns. */
  onMedia(message: Message): void
  /** For how long what the publisher sends next may stay unread, ms; asked after each read. Default: 0. */
  readonly mayBeLateMs?: number
  /** Whether nothing need come from the publisher now; asked a few times while nothing comes. Default: false. */
  readonly mayBeSilent?: boolean
  /** The publisher ended (`unpublished`) or its connection did (`disconnected`). Called once, unless the receiver closed it. */
  onEnd(code: 'unpublished' | 'disconnected', message: string): void
}

/** An admitted player. */
export interface RtmpPlayback {
  /** The start status is sent: media may follow, on the output's sink. */
  start(): void
  /** The player pauses (true): nothing more is sent. Or it plays on (false): at a keyframe, with what a decoder needs before it. */
  pause(paused: boolean): void
  /** Which media the player wants from now on; until this is called, and all. */
  receive(wanted: RtmpWantedMedia): void
  /** The player is gone or plays no longer. Called once. */
  stop(message: string): void
}

/** What a player has sent receiveAudio and receiveVideo about. */
export type RtmpWantedMedia = Readonly<{ audio: boolean; video: boolean }>

/** Where a player's media goes. */
export type RtmpOutput = Readonly<{
  /** The connection's writing end. */
  sink: SocketSink
  /** Chunk size that was announced to the client, bytes. */
  chunkSize: number
  /** Message stream the client plays on. */
  streamId: number
  /** Media time after which it is to be ended, ms; null for never. */
  durationMs: number | null
  /**
   * Tells the client that what it plays is over, and ends the connection.
   * @param reason goes to the client and to the log
   * @param unpublished it is over because nobody publishes it any more
   */
  end(reason: string, unpublished: boolean): void
}>

/** What a client is told about a message stream, by `onStatus` (Adobe RTMP 1.0, 7.2.2). */
export type NetStreamStatus = Readonly<{
  /** `error` has players give up. */
  level: 'status' | 'warning' | 'error'
  /** e.g. 'NetStream.Play.NoSupportedTrackFound'. */
  code: string
  /** A sentence for people. */
  description: string
}>

/** A connection's own end, for the handlers. */
export interface RtmpConnection {
  /** Tells the client something about a message stream. */
  sendStatus(streamId: number, status: NetStreamStatus): void
  /** Ends the connection; the reason goes to the log. */
  close(reason: string): void
  /** Reads at once what was left unread (`RtmpReceiver.mayBeLateMs`). */
  readNow(): void
  /** Bytes received since the start, handshake included. */
  readonly bytesReceived: number
  /** Bytes handed to the socket since the start. */
  readonly bytesSent: number
  /** Tells the client the reason, as an error of whatever it publishes or plays, and ends the connection. Idempotent. */
  disconnect(reason: string): void
  /** Calls `listener` once the connection is gone, and what was published and played on it has ended; at once if it is gone. */
  onClose(listener: () => void): void
}

/**
 * What a server does with its RTMP clients; implemented above. A handler refuses by throwing `RejectedError`: the client
 * is told the reason and disconnected.
 */
export interface RtmpServerHandlers {
  /** A client connects. */
  connect(request: RtmpConnect): Promise<void>
  /** A client wants to publish; no start status is sent before this resolves. */
  publish(request: RtmpStreamRequest, connection: RtmpConnection): Promise<RtmpReceiver>
  /** A client wants to play; no start status is sent before this resolves. */
  play(request: RtmpStreamRequest, output: RtmpOutput, connection: RtmpConnection): Promise<RtmpPlayback>
}

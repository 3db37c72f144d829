import type { RelayTrail } from '../../base/index.ts'
import type { Amf0Object } from '../../media/index.ts'
import type { TlsClientOptions } from '../../net/index.ts'
import type { RtmpCapabilities } from '../capabilities.ts'
import type { HandshakeKind } from '../handshake/index.ts'

/** What an RTMP client can be told, whatever it then does. */
export type RtmpClientOptions = Readonly<{
  /** How to begin the handshake. Default 'digest-first', which every server takes. */
  handshake?: HandshakeKind
  /** For `rtmps://`: whom to believe, and the like. Default: what Node trusts. */
  tls?: TlsClientOptions
  /** Time for the TCP (and TLS) connection, ms. Default 10 000. */
  connectTimeoutMs?: number
  /** Time for the RTMP handshake, ms. Default 10 000. */
  handshakeTimeoutMs?: number
  /** Time for the answer to each command, ms: a server may ask others whom to let in. Default 30 000. */
  answerTimeoutMs?: number
  /** Chunk size of what is sent, bytes. Default 60 000. */
  chunkSize?: number
  /** What connect says of codecs and abilities. Default `clientCapabilities`. */
  capabilities?: RtmpCapabilities
  /** Put into connect's command object, over all else: pageUrl, swfUrl, another tcUrl ... */
  connectProperties?: Amf0Object
  /** Values behind connect's command object (Adobe RTMP 1.0, 7.2.1.1: optional user arguments). Default: none. */
  connectArguments?: readonly Amf0Object[]
  /**
   * Told in connect's command object (`RELAY_TRAIL_PROPERTY`) by servers that relay: those that the stream has come through,
   * or is pulled for, this one last. A server that finds itself there refuses. Default: none, as of who is no relay.
   */
  relayTrail?: RelayTrail
  /**
   * The server asks the client to go elsewhere (Enhanced RTMP v2, reconnect request); it goes on serving meanwhile. Only a
   * client that has this says that it can.
   */
  onReconnectRequest?: (request: RtmpReconnectRequest) => void
  /**
   * How often the client may be sent on by a server that refuses and says where to ask instead (RTMP 302), never out of TLS; 0
   * follows nobody. Default 3.
   */
  maxRedirects?: number
  /** Ends the connection at once, in whatever state it is; its reason is then the error. */
  signal?: AbortSignal
}>

/** A server's wish that its client connects anew. */
export type RtmpReconnectRequest = Readonly<{
  /** Where to: whole, or relative to the present `tcUrl`; null for the same place. */
  tcUrl: string | null
  /** Why, for a person; '' if the server does not say. */
  description: string
}>

/** The defaults of the times and sizes in `RtmpClientOptions`. */
export const defaultRtmpClientOptions: Required<
  Pick<
    RtmpClientOptions,
    'handshake' | 'connectTimeoutMs' | 'handshakeTimeoutMs' | 'answerTimeoutMs' | 'chunkSize'
  >
> = {
  handshake: 'digest-first',
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  answerTimeoutMs: 30_000,
  chunkSize: 60_000,
}

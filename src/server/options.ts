import { fileURLToPath } from 'node:url'
import type { Clock, Logger } from '../base/index.ts'
import type { HlsOptions, RtmpPlayOptions } from '../delivery/index.ts'
import type {
  BroadcastOptions,
  RegistryOptions,
  StreamRequest,
  Takeover,
  TakeoverOptions,
} from '../live/index.ts'
import type { CertificateOptions, ConnectionLimitOptions, ListenOptions } from '../net/index.ts'
import { defaultRtmpSessionOptions, type RtmpSessionOptions } from '../rtmp/index.ts'

/**
 * What a program answers when it is asked whether a client may publish or play: `true` or nothing allows; `false` or a
 * reason refuses. `{ takeover }` allows, and says what becomes of this publisher if somebody publishes the stream already.
 * A function that throws refuses, with the error's message as the reason.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that ends without a return allows.
export type Answer = boolean | string | Readonly<{ takeover: Takeover }> | void

/** Asked before a client begins; the client waits for the answer and sees no start status before it. */
export type Ask = (request: StreamRequest) => Answer | Promise<Answer>

/** Where and how RTMP clients are listened for. */
export type RtmpListenOptions = ListenOptions &
  Partial<RtmpSessionOptions> &
  Partial<RtmpPlayOptions> & {
    /** Connections at once at most; more are closed as soon as they come. Default 10 000. SRS: max_connections. */
    readonly maxConnections?: number
  }

/** Where and how HTTP clients are listened for. */
export type HttpListenOptions = ListenOptions & {
  /** Serve the page. Default true; false for one of `http` and `https` counts for both. */
  readonly page?: boolean
}

/** Options of `createServer`. Everything has a default; nothing listens unless asked to. */
export type ServerOptions = Readonly<{
  /** RTMP listener; none if left out. `port: 0` takes a free port; the host is 127.0.0.1 unless said otherwise. */
  rtmp?: RtmpListenOptions
  /** The same within TLS, with a certificate and its key; none if left out. */
  rtmps?: RtmpListenOptions & CertificateOptions
  /** HTTP listener for HTTP-FLV, WebSocket-FLV, HLS, the API and the page; none if left out. */
  http?: HttpListenOptions
  /** The same within TLS, with a certificate and its key; none if left out. */
  https?: HttpListenOptions & CertificateOptions
  /** Connections of all listeners together, and of one address. */
  limits?: Partial<ConnectionLimitOptions>
  /** May this client publish? Default: everybody may. */
  onPublish?: Ask
  /** May this client play? Default: everybody may. */
  onPlay?: Ask
  /** HLS segments and window. */
  hls?: Partial<HlsOptions>
  /** Latency, lag and memory of RTMP and FLV players. */
  broadcast?: Partial<BroadcastOptions>
  /** How streams are kept, and how publishers take over. */
  streams?: Partial<Omit<RegistryOptions, 'broadcast'>> & Partial<TakeoverOptions>
  /** Default: says nothing. A pino logger fits. */
  logger?: Logger
  /** Default: the machine's. */
  clock?: Clock
}>

/** RTMP connections at once at most; more are closed as soon as they come. SRS: max_connections. */
export const DEFAULT_MAX_RTMP_CONNECTIONS = 10_000

/** The options of RTMP sessions among those of a listener. */
export function readSessionOptions(options: Partial<RtmpSessionOptions>): RtmpSessionOptions {
  const names = Object.keys(defaultRtmpSessionOptions) as (keyof RtmpSessionOptions)[]
  const given = names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]))
  return { ...defaultRtmpSessionOptions, ...Object.fromEntries(given) }
}

/** The folder of the built page: beside the compiled package, or in the project's `dist` when it runs from source. */
export function pageRoot(): string {
  const here = import.meta.url
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../dist/web/' : '../web/', here))
}

import type { StreamName } from './stream-name.ts'

/** How a client reaches the server. */
export type ClientProtocol = 'rtmp' | 'http-flv' | 'ws-flv' | 'hls' | 'file' | 'library'

/** Who is at the other end. */
export type ClientInfo = Readonly<{
  /** Unique in this process; the same id stands in the logs. */
  id: string
  /** How it reaches us. */
  protocol: ClientProtocol
  /** Remote IP address, or 'local' for what runs in this process. */
  address: string
}>

/** What a client asks: to publish or to play one stream. */
export type StreamRequest = Readonly<{
  /** The stream asked for. */
  name: StreamName
  /** Who asks. */
  client: ClientInfo
  /** Query parameters of the URL, e.g. a token. */
  parameters: URLSearchParams
  /** `tcUrl` of RTMP's connect, or the URL's origin and application for other protocols. */
  tcUrl: string
  /** The page that embeds the player, if the client says so. */
  pageUrl: string
}>

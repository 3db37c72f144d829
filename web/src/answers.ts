/** One stream as `/api/v1/streams/` describes it. */
export type StreamInfo = Readonly<{
  id: string
  name: string
  vhost: string
  app: string
  /** The publisher's connect address, such as `rtmp://host:1935/live`. */
  tcUrl: string
  /** Path of the stream: `/live/demo`, or `example.com/live/demo` in a virtual host. */
  url: string
  /** The server's clock in ms, not the age of the stream. */
  live_ms: number
  /** Connections of this stream, its publisher among them. */
  clients: number
  /** Video frames. */
  frames: number
  send_bytes: number
  recv_bytes: number
  /** Averages over 30 s, in kilobits per second. */
  kbps: Readonly<{ recv_30s: number; send_30s: number }>
  publish: Readonly<{ active: boolean; cid?: string }>
  video: Readonly<{
    codec: string
    profile: string
    level: string
    width: number
    height: number
    /** The codec with its parameters (RFC 6381), '' if they are not known yet; SRS does not tell it. */
    rfc6381?: string
  }> | null
  audio: Readonly<{ codec: string; sample_rate: number; channel: number; profile: string }> | null
  /** Null without a publisher; the rate is null until there was sound for a second. */
  health: Readonly<{ audio_kbps: number | null }> | null
}>

/** The ports of the server. */
export type ServerPorts = Readonly<{
  /** That of RTMP; null if it does not listen for it. */
  rtmp: number | null
  /** That of RTMPS; null if it does not listen for it. */
  rtmps: number | null
  /** That of the streams, if the API and the page have another; null if it is the page's. */
  media: number | null
}>

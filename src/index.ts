export {
  ERROR_CODES,
  type ErrorCode,
  type Logger,
  type Ms,
  RejectedError,
  ServerError,
} from './base/index.ts'
export { type ConfigFault, ConfigurationError, type Place, readSettings } from './control/index.ts'
export type {
  ClientInfo,
  ClientProtocol,
  EndReason,
  Frame,
  FrameKind,
  FramesOptions,
  Stream,
  StreamCounters,
  StreamName,
  StreamRequest,
  Takeover,
} from './live/index.ts'
export type { Codec } from './media/index.ts'
export type { BoundAddress, ListenAddress, TlsClientOptions } from './net/index.ts'
export {
  type HandshakeKind,
  type MediaPacket,
  type RtmpCapabilities,
  type RtmpClientOptions,
  RtmpPlayer,
  type RtmpPlayerOptions,
  RtmpPublisher,
  type RtmpPublisherOptions,
  type RtmpReconnectRequest,
  type RtmpRedirect,
  type RtmpRefusal,
  RtmpRefusedError,
  type RtmpTarget,
} from './rtmp/index.ts'
export {
  type Answer,
  type Ask,
  createServer,
  type ListenerPurpose,
  type ReconnectOptions,
  type Server,
  type ServerAddress,
  type ServerEvents,
  type ServerOptions,
} from './server/index.ts'

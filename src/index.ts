export {
  ERROR_CODES,
  type ErrorCode,
  type Logger,
  type Ms,
  RejectedError,
  ServerError,
} from './base/index.ts'
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
} from './live/index.ts'
export type { Codec } from './media/index.ts'
export {
  type Answer,
  type Ask,
  createServer,
  type Server,
  type ServerEvents,
  type ServerOptions,
} from './server/index.ts'

export { ClientHandshake, type ClientHandshakeOptions } from './client-handshake.ts'
export {
  type FillRandom,
  HANDSHAKE_PACKET_BYTES,
  HANDSHAKE_VERSION,
  type Handshake,
  type HandshakeKind,
  type HandshakeOptions,
  type HandshakeStep,
} from './packet.ts'
export { ServerHandshake } from './server-handshake.ts'

import type { ProbeOptions } from './peer-probe.ts'

/** What RTMP connections may differ in by virtual host. */
export type RtmpVhostOptions = Readonly<{
  /**
   * Time from the publish status to the first bytes, ms; 0 is for ever. Default 20 000. SRS: firstpkt_timeout, once
   * publish_1stpkt_timeout. A change counts at once.
   */
  firstMediaTimeoutMs: number
  /**
   * A publisher that sends nothing for so long is closed, ms; 0 never. Default 5000. SRS: normal_timeout, once
   * publish_normal_timeout. A change counts at once.
   */
  mediaTimeoutMs: number
  /**
   * Chunk size of what we send, bytes, 1 to `MAX_CHUNK_SIZE_BYTES`; every client takes 128 to 65 536. It is announced when a
   * client connects, so it is that of the virtual host in `tcUrl`, as in SRS. Default 60 000. SRS: chunk_size. A change counts for
   * new connections.
   */
  chunkSize: number
  /**
   * A client is told how much came from it at least so often, bytes; 0 leaves it to the client, as does a larger one than the
   * client's own. At connect, as `chunkSize`. Default 0. SRS: in_ack_size. A change counts for new connections.
   */
  inAcknowledgementWindowBytes: number
  /**
   * After how much of what we send a client is asked to acknowledge it, bytes; 0 asks nothing. At connect, as `chunkSize`.
   * Default 2 500 000. SRS: out_ack_size. A change counts for new connections.
   */
  outAcknowledgementWindowBytes: number
}>

/** Limits and sizes of RTMP connections; what `RtmpVhostOptions` has is for virtual hosts that say nothing else. */
export type RtmpSessionOptions = ProbeOptions &
  RtmpVhostOptions &
  Readonly<{
    /** Time for the handshake, ms. Default 10 000. */
    handshakeTimeoutMs: number
    /**
     * Time from the handshake to an admitted publish or play, ms; also from the end of all that a connection published and
     * played to the next. Default 30 000.
     */
    setupTimeoutMs: number
  }>

/** The defaults of `RtmpSessionOptions`. */
export const defaultRtmpSessionOptions: RtmpSessionOptions = {
  handshakeTimeoutMs: 10_000,
  setupTimeoutMs: 30_000,
  firstMediaTimeoutMs: 20_000,
  mediaTimeoutMs: 5_000,
  pingIntervalMs: 30_000,
  pingTimeoutMs: 90_000,
  chunkSize: 60_000,
  inAcknowledgementWindowBytes: 0,
  outAcknowledgementWindowBytes: 2_500_000,
}

import type { ProbeOptions } from './peer-probe.ts'

/** Limits and sizes of RTMP connections. */
export type RtmpSessionOptions = ProbeOptions &
  Readonly<{
    /** Time for the handshake, ms. Default 10 000. */
    handshakeTimeoutMs: number
    /**
     * Time from the handshake to an admitted publish or play, ms; also from the end of all that a connection published and
     * played to the next. Default 30 000.
     */
    setupTimeoutMs: number
    /** Time from the publish status to the first bytes, ms; 0 is for ever. Default 20 000. SRS: publish_1stpkt_timeout. */
    firstMediaTimeoutMs: number
    /** A publisher that sends nothing for so long is closed, ms; 0 never. Default 5000. SRS: publish_normal_timeout. */
    mediaTimeoutMs: number
    /** Chunk size of what we send, bytes. Default 60 000. SRS: chunk_size. */
    chunkSize: number
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
}

import type { InnerMetrics } from './server.ts'

/**
 * What `ours-main.ts` is asked: to begin a window, to end it and watch its event loop, to tell how it went; or, where windows
 * follow each other, to open one in which the event loop is watched as well, and to close it and tell how it went.
 */
export type OursQuestion = 'begin' | 'watch' | 'metrics' | 'open' | 'close'

/** Its first message, which comes unasked. */
export type OursAddresses = Readonly<{
  rtmpUrl: string
  httpUrl: string
  /** Null unless it was started with a certificate. */
  rtmpsUrl: string | null
  httpsUrl: string | null
}>

/** What it is started with, as JSON in its first argument. */
export type OursSetup = Readonly<{
  /** `ServerOptions.broadcast`. */
  broadcast: Readonly<Record<string, unknown>>
  /** Files of a certificate and its key, to listen with TLS, too. */
  certificate: Readonly<{ certificate: string; key: string }> | null
}>

/** What it says. */
export type OursAnswer = OursAddresses | InnerMetrics

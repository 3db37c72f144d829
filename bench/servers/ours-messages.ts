import type { InnerMetrics } from './server.ts'

/** What `ours-main.ts` is asked: to begin a window, to end it and watch its event loop, to tell how it went. */
export type OursQuestion = 'begin' | 'watch' | 'metrics'

/** Its first message, which comes unasked. */
export type OursAddresses = Readonly<{ rtmpUrl: string; httpUrl: string }>

/** What it says. */
export type OursAnswer = OursAddresses | InnerMetrics

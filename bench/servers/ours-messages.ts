import type { InnerMetrics } from './server.ts'

/** What `ours-main.ts` is asked: to begin a window, or how it went. */
export type OursQuestion = 'begin' | 'metrics'

/** Its first message, which comes unasked. */
export type OursAddresses = Readonly<{ rtmpUrl: string; httpUrl: string }>

/** What it says. */
export type OursAnswer = OursAddresses | InnerMetrics

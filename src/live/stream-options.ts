import { DEFAULT_GOP_CACHE_MAX_FRAMES } from './gop-cache.ts'
import { defaultTakeoverOptions, type TakeoverOptions } from './takeover.ts'
import { defaultTimeOptions, type TimeOptions } from './time-options.ts'

/** How the streams of a virtual host are kept, and how publishers come and go. */
export type StreamOptions = TimeOptions &
  TakeoverOptions &
  Readonly<{
    /**
     * How long a stream that was published is kept with no publisher and no viewer, so that one who returns continues it, ms.
     * Default 30 000. A change counts for streams that are left from then on.
     */
    lingerMs: number
    /**
     * How long viewers of a stream wait for a publisher to return, ms: then they are told that the stream is over. Infinity:
     * for ever, as in SRS. Default 600 000. Who came before anybody published waits without an end. A change counts for
     * publishers that leave from then on.
     */
    publisherGraceMs: number
    /**
     * A publisher whose stream nobody plays for so long is disconnected, ms; 0 never. Viewers of HLS count, too, other than in
     * SRS. Default 0. SRS: kickoff_for_idle. A change counts at once, from when the last viewer left.
     */
    unwatchedTimeoutMs: number
    /**
     * Frames of a GOP kept at most; 0 for any number, within `DEFAULT_GOP_CACHE_MAX_BYTES`. Default 2500. SRS:
     * gop_cache_max_frames. A change counts at once.
     */
    gopCacheMaxFrames: number
  }>

/** The defaults of `StreamOptions`. */
export const defaultStreamOptions: StreamOptions = {
  ...defaultTimeOptions,
  ...defaultTakeoverOptions,
  lingerMs: 30_000,
  publisherGraceMs: 600_000,
  unwatchedTimeoutMs: 0,
  gopCacheMaxFrames: DEFAULT_GOP_CACHE_MAX_FRAMES,
}

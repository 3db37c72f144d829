/** What a stream has seen since it was made. */
export type StreamCounters = {
  /** Frames taken from publishers. */
  frames: number
  /** Video frames among them, without sequence headers. */
  videoFrames: number
  /** Bytes of frame bodies taken from publishers. */
  bytesReceived: number
  /** Frames that could not be understood and were left out. */
  framesDropped: number
  /** Bytes handed to the sockets of players, by whatever protocol, and of servers that it is forwarded to. */
  bytesSent: number
  /** Publications begun. */
  publications: number
}

/** Nothing yet. */
export const noCounters: Readonly<StreamCounters> = {
  frames: 0,
  videoFrames: 0,
  bytesReceived: 0,
  framesDropped: 0,
  bytesSent: 0,
  publications: 0,
}

/** Adds counts to others. */
export function addCounters(sum: StreamCounters, counters: Readonly<StreamCounters>): void {
  for (const name of Object.keys(noCounters) as (keyof StreamCounters)[]) {
    sum[name] += counters[name]
  }
}

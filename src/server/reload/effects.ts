/** For whom a change of a setting counts that does not count at once. Each module says so beside its options. */
const EFFECTS: readonly (readonly [RegExp, string])[] = [
  [/^rtmp\.(chunkSize|inAcknowledgementWindowBytes|outAcknowledgementWindowBytes)$/, 'for new connections'],
  [/^session\.(firstMediaTimeoutMs|mediaTimeoutMs)$/, 'at once'],
  [/^(session|play)\./, 'for new connections'],
  [/^(maxConnections|connect|maxConnectionsPer)/, 'for new connections'],
  [/^trustedAddresses/, 'for new connections, and the next HTTP requests'],
  [/^(proxyProtocol|certificate)/, 'for new connections'],
  [/^broadcast\.gopCache$/, 'for new players'],
  [/^flv\./, 'for new players'],
  [/^access(\.|$)/, 'for new publishers and players'],
  [/^streams\.(timeJitter|mixCorrect|atc|atcAuto|takeover|takeoverSilenceMs)$/, 'for new publishers'],
  [/^streams\.(lingerMs|publisherGraceMs)$/, 'for streams that are left from now on'],
  [/^maxStreams$/, 'for new streams'],
  [/^originCluster\./, 'for new players'],
  [/^forward\.backend$/, 'for new publishers'],
  [/^forward\.verifyCertificate$/, 'for new connections'],
  [/^edge\.(tokenTraverse|followClient)$/, 'for new players'],
  [/^edge\.(connectTimeoutMs|silenceTimeoutMs|tellWhoAsks|choice)$/, 'for new connections to origins'],
  [/^(logDirectory|ffmpegLogLevel|utcTime)$/, 'for programs that are started from now on'],
  [/^hls\.segmentContext$/, 'for new streams'],
  [/^hls\./, 'from the next segment on'],
]

/** For whom a change of that setting counts, e.g. 'at once' or 'for new connections'. */
export function effectOf(setting: string): string {
  return EFFECTS.find(([pattern]) => pattern.test(setting))?.[1] ?? 'at once'
}

import { ServerError } from '../../base/index.ts'

/** Origins that a cluster may have besides this one. */
export const MAX_COWORKERS = 32

/** A cluster of origins: each stream is published at one of them, and players are sent on to that one. SRS: origin_cluster. */
export type OriginClusterOptions = Readonly<{
  /**
   * RTMP players of a stream that is not published here are sent on to the origin that has it (RTMP 302), or refused if none has.
   * Default false. SRS: cluster.origin_cluster. A change counts for new players.
   */
  enabled: boolean
  /**
   * The APIs of the other origins, `host:port`, at most `MAX_COWORKERS`; asked in this order. Default: none. SRS: cluster.coworkers. A
   * change counts for new players.
   */
  coworkers: readonly string[]
}>

/** The defaults of `OriginClusterOptions`. */
export const defaultOriginClusterOptions: OriginClusterOptions = { enabled: false, coworkers: [] }

/**
 * Looks at what a program gave that is not type-checked.
 * @throws ServerError ERR_CONFIGURATION if an option has no usable value
 */
export function checkOriginClusterOptions({ enabled, coworkers }: OriginClusterOptions): void {
  if (enabled && coworkers.length === 0) {
    throw wrong('coworkers is empty: a cluster needs the APIs of the other origins, host:port')
  }
  if (coworkers.length > MAX_COWORKERS) {
    throw wrong(`coworkers has ${coworkers.length}: at most MAX_COWORKERS (${MAX_COWORKERS})`)
  }
  const bad = coworkers.find((coworker) => !/^(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(:\d{1,5})?$/i.test(coworker))
  if (bad !== undefined) {
    throw wrong(`coworker '${bad}' is not host or host:port`)
  }
}

function wrong(message: string): ServerError {
  return new ServerError('ERR_CONFIGURATION', `originCluster ${message}`)
}

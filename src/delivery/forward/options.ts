import { ServerError } from '../../base/index.ts'
import { checkDestination } from './destination.ts'

/** Destinations that a virtual host may have, or a backend name for one stream. */
export const MAX_DESTINATIONS = 32

/** Where the streams of a virtual host are sent, too. */
export type ForwardOptions = Readonly<{
  /**
   * Default true, which does nothing without destinations or a backend. SRS: forward.enabled, which is off by default. A change
   * counts at once.
   */
  enabled: boolean
  /**
   * The servers, at most `MAX_DESTINATIONS`: `host`, `host:port` or either with `?vhost=`, which get each stream under its own name;
   * or whole addresses, `rtmp://host/app/stream`, `rtmps://`. `[vhost]`, `[app]` and `[stream]` stand for those of the stream.
   * Default: none. A change counts at once: what stays goes on, undisturbed.
   */
  destinations: readonly string[]
  /**
   * An HTTP URL that is asked for the destinations of each stream that is published (on_forward of SRS); they take the place of
   * `destinations`. If it can't be asked, the publisher is refused. Default null. A change counts for new publishers.
   */
  backend: string | null
  /**
   * Of `rtmps` destinations, only those whose certificate is good are sent to. Default true. A change counts for connections from
   * then on.
   */
  verifyCertificate: boolean
}>

/** The defaults of `ForwardOptions`. */
export const defaultForwardOptions: ForwardOptions = {
  enabled: true,
  destinations: [],
  backend: null,
  verifyCertificate: true,
}

/**
 * Looks at what a program or a file gave.
 * @param unwatchedTimeoutMs of the same virtual host
 * @throws ServerError ERR_CONFIGURATION, without secrets, if something can't be used
 */
export function checkForwardOptions(options: ForwardOptions, unwatchedTimeoutMs: number): void {
  const { enabled, destinations, backend } = options
  requireFew(destinations.length)
  for (const destination of destinations) {
    checkDestination(destination)
  }
  if (backend !== null && !/^https?:\/\/[^\s/]/i.test(backend)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      'forward backend is no URL: it takes http://host/path or the same with https://',
    )
  }
  const forwards = enabled && (destinations.length > 0 || backend !== null)
  if (forwards && unwatchedTimeoutMs > 0) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      'forward and unwatchedTimeoutMs exclude each other: a stream that is forwarded has a use without players',
    )
  }
}

/** @throws ServerError ERR_CONFIGURATION past `MAX_DESTINATIONS` */
export function requireFew(count: number): void {
  if (count > MAX_DESTINATIONS) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `forward has ${count} destinations: at most MAX_DESTINATIONS (${MAX_DESTINATIONS})`,
    )
  }
}

import { ServerError } from '../base/index.ts'
import type { HeartbeatPorts } from '../control/index.ts'
import {
  type BoundAddress,
  connectableHost,
  formatListenAddress,
  isWildcardHost,
  type ListenerAddress,
} from '../net/index.ts'
import type { Listeners, RunningListener } from './listeners.ts'
import type { ListenerPurpose } from './wanted-listeners.ts'

/** Where a server listens: a TCP address (`host`, `port`) or a Unix socket (`path`). */
export type ServerAddress = ListenerAddress &
  Readonly<{
    /** The settings that it is for, e.g. `['http', 'api']`. */
    purposes: readonly ListenerPurpose[]
  }>

/** What can be told of a listener. */
export function describeListener({ wanted, listener }: RunningListener): ServerAddress {
  return { ...listener.address, purposes: wanted.purposes }
}

/**
 * The port of the streams of HTTP or HTTPS, if the API has a listener without them; null if streams are where the API is.
 * @param secure of HTTPS
 */
export function mediaPortApart(listeners: Listeners, secure: boolean): number | null {
  const [media, api] = secure ? (['https', 'apiHttps'] as const) : (['http', 'api'] as const)
  const isApart = listeners.running.some(
    ({ wanted: { purposes } }) => purposes.includes(api) && !purposes.includes(media),
  )
  return isApart ? (listeners.addressOf(media)?.port ?? null) : null
}

/** Every port that is listened on. */
export function portsOf({ running }: Listeners): ReadonlySet<number> {
  return new Set(running.flatMap(({ listener: { address } }) => ('port' in address ? [address.port] : [])))
}

/**
 * e.g. 'rtmp://localhost:1935'.
 * @throws ServerError ERR_CONFIGURATION if there is no address
 */
export function urlOf(scheme: string, address: BoundAddress | null): string {
  if (address === null) {
    throw new ServerError('ERR_CONFIGURATION', `${scheme} is not listened on`)
  }
  return `${scheme}://${connectableHost(address.host)}:${address.port}`
}

/** What is listened on, as heartbeats tell it: '1935' on every interface, else '127.0.0.1:1935'. */
export function heartbeatPorts({ running }: Listeners): HeartbeatPorts {
  const of = (...purposes: ListenerPurpose[]): string[] =>
    running
      .filter(({ wanted }) => purposes.some((purpose) => wanted.purposes.includes(purpose)))
      .map(({ listener: { address } }) =>
        'port' in address && isWildcardHost(address.host)
          ? String(address.port)
          : formatListenAddress(address),
      )
  const all = { rtmp: of('rtmp'), http: of('http'), api: of('api') }
  return Object.fromEntries(Object.entries(all).filter(([, texts]) => texts.length > 0))
}

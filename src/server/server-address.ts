import type { ListenerAddress } from '../net/index.ts'
import type { RunningListener } from './listeners.ts'
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

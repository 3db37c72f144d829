import { randomBytes } from 'node:crypto'

/**
 * The servers that a stream has come through, by their ids, in this order. Servers that relay a stream (forward it, or pull
 * it) tell them, each with its own id behind, so that a stream that comes back is noticed: one that finds its own id refuses.
 */
export type RelayTrail = readonly string[]

/**
 * Name of the property that tells it: in the command object of connect; and in onMetaData between servers, as servers of others
 * pass that on and not the former. Its value is the ids with commas between them.
 */
export const RELAY_TRAIL_PROPERTY = 'srs_relay_trail'

/** Header of an HTTP request that tells it, where a stream is pulled by FLV. */
export const RELAY_TRAIL_HEADER = 'x-srs-relay-trail'

/** A stream that has come through so many servers goes no further. */
export const MAX_RELAY_SERVERS = 16

/** Characters of one id in a trail, at most; longer ones are cut. */
export const MAX_RELAY_ID_LENGTH = 32

/** An id for a server: new with each start, so that two with one configuration have two. */
export function createRelayId(): string {
  return randomBytes(9).toString('base64url')
}

/** The trail of a stream that begins here. */
export const emptyRelayTrail: RelayTrail = []

/**
 * Reads a trail as another server tells it. Never an error: what is no id is left out, and what is no text is no trail.
 * Of more than `MAX_RELAY_SERVERS` only so many are read, which is enough to refuse it.
 */
export function readRelayTrail(value: unknown): RelayTrail {
  if (typeof value !== 'string' || value === '') {
    return emptyRelayTrail
  }
  const longest = MAX_RELAY_SERVERS * (MAX_RELAY_ID_LENGTH + 1)
  const ids = value.slice(0, longest).split(',')
  return ids
    .map((id) => id.trim().slice(0, MAX_RELAY_ID_LENGTH))
    .filter((id) => /^[\w.-]+$/.test(id))
    .slice(0, MAX_RELAY_SERVERS)
}

/** The trail as it is told. */
export function writeRelayTrail(trail: RelayTrail): string {
  return trail.join(',')
}

/** Two tellings of the way of one stream, taken together: each server once. */
export function joinRelayTrails(first: RelayTrail, second: RelayTrail): RelayTrail {
  return second.length === 0 ? first : [...new Set([...first, ...second])]
}

/**
 * Why a stream may not come in that has come through these servers; null if it may.
 * @param ownId of the server that is asked
 */
export function relayFault(trail: RelayTrail, ownId: string): string | null {
  const at = trail.indexOf(ownId)
  if (at >= 0) {
    const others = trail.length - at - 1
    const way = others === 0 ? 'straight from it' : `through ${others} other server${others === 1 ? '' : 's'}`
    return `a loop: it comes from this very server, ${way}; take one of the forward or edge settings on the way out`
  }
  if (trail.length >= MAX_RELAY_SERVERS) {
    return `it has come through ${MAX_RELAY_SERVERS} servers already (MAX_RELAY_SERVERS)`
  }
  return null
}

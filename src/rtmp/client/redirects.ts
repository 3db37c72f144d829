import { RejectedError } from '../../base/index.ts'
import { type RtmpRedirect, RtmpRefusedError } from './errors.ts'
import { parseRtmpTarget, type RtmpTarget } from './target.ts'

/** Servers that a client is sent on to, one after the other, at most: `maxRedirects` of its options. */
export const DEFAULT_MAX_REDIRECTS = 3

/**
 * Tries at one server, and at those that it is sent on to (`ex` of a refusal, code 302).
 * @param attempt connects, and publishes or plays
 * @param maxRedirects 0 follows none: the refusal is thrown, and says where to
 * @throws RejectedError if servers send it in a circle, or on more often than that; what the last attempt threw
 */
export async function followRedirects<T>(
  target: RtmpTarget,
  attempt: (target: RtmpTarget) => Promise<T>,
  maxRedirects: number = DEFAULT_MAX_REDIRECTS,
): Promise<T> {
  const seen = new Set([addressOf(target)])
  let next = target
  for (;;) {
    try {
      return await attempt(next)
    } catch (error) {
      const redirect = error instanceof RtmpRefusedError ? error.refusal.redirect : null
      const to = redirect === null || maxRedirects === 0 ? null : targetOf(redirect, next)
      if (to === null) {
        throw error
      }
      requireProgress(to, seen, maxRedirects, error)
      seen.add(addressOf(to))
      next = to
    }
  }
}

function requireProgress(
  to: RtmpTarget,
  seen: ReadonlySet<string>,
  maxRedirects: number,
  cause: unknown,
): void {
  if (seen.has(addressOf(to))) {
    throw new RejectedError('the servers send their client in a circle', { cause })
  }
  if (seen.size > maxRedirects) {
    throw new RejectedError(`the client was sent on more than ${maxRedirects} times (maxRedirects)`, {
      cause,
    })
  }
}

/** Null if it can't be followed: it is no address, or leads out of TLS, where a stream key could be read by others. */
function targetOf({ url, tcUrl }: RtmpRedirect, from: RtmpTarget): RtmpTarget | null {
  for (const written of [url, `${tcUrl.replace(/\/+$/, '')}/${from.stream}`]) {
    try {
      const target = parseRtmpTarget(written ?? '')
      return from.tls && !target.tls ? null : target
    } catch {
      // Servers that say only one of the two leave the other empty.
    }
  }
  return null
}

function addressOf({ host, port, tcUrl, stream }: RtmpTarget): string {
  return `${host}:${port} ${tcUrl}/${stream}`
}
